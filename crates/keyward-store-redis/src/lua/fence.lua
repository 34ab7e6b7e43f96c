-- Sees to it that no attempt to write REVISION of this key, or one before it, that was prepared under FENCE or one before it
-- will ever succeed; brings the record as it is at this instant.
-- KEYS: the record; the slot's fence. ARGV: REVISION, FENCE.
local current = redis.call('HMGET', KEYS[1], 'revision', 'record')
if not current[1] or tonumber(current[1]) < tonumber(ARGV[1]) then
  if tonumber(redis.call('GET', KEYS[2]) or '0') <= tonumber(ARGV[2]) then
    redis.call('SET', KEYS[2], string.format('%.0f', tonumber(ARGV[2]) + 1))
  end
end
return current[2]
