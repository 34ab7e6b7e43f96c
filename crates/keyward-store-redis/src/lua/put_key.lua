-- Writes a key's record over the revision that its writer has seen.
-- KEYS: the record; the slot's fence; the keys of its account.
-- ARGV: the revision before ('' for none); the fence that the writer's pointers were made under; the record; its revision; the
--   key's id.
-- Answers: written | conflict | fenced FENCE
if (redis.call('HGET', KEYS[1], 'revision') or '') ~= ARGV[1] then return { 'conflict' } end
local fence = redis.call('GET', KEYS[2]) or '0'
if fence ~= ARGV[2] then return { 'fenced', fence } end
redis.call('HSET', KEYS[1], 'revision', ARGV[4], 'record', ARGV[3])
if ARGV[1] == '' then redis.call('ZADD', KEYS[3], '0', ARGV[5]) end
return { 'written' }
