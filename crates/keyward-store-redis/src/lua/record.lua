-- Writes activities of one key, each once. KEYS: their order; the records; the slot's fence.
-- ARGV: the fence that the pointers were made under; then for each its id, its place in the order, the record.
-- Answers: written | fenced FENCE
local fence = redis.call('GET', KEYS[3]) or '0'
if fence ~= ARGV[1] then return { 'fenced', fence } end
for at = 2, #ARGV, 3 do
  if redis.call('HSETNX', KEYS[2], ARGV[at], ARGV[at + 2]) == 1 then
    redis.call('ZADD', KEYS[1], '0', ARGV[at + 1])
  end
end
return { 'written' }
