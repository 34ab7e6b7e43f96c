-- Removes a key from a listing in which it is no longer since REVISION. KEYS: the listing. ARGV: the key, REVISION.
local removed = 0
for _, member in ipairs(redis.call('ZRANGEBYLEX', KEYS[1], '[' .. ARGV[1] .. ':', '(' .. ARGV[1] .. ';')) do
  local revision = string.match(member, '^%x+:(%d+):%d+$')
  if revision and tonumber(revision) <= tonumber(ARGV[2]) then
    removed = removed + redis.call('ZREM', KEYS[1], member)
  end
end
return removed
