-- Deletes activities of one key and day. KEYS: their order; the records; the slot's fence.
-- ARGV: the first place to delete; the day's first place and its last; how many at most; the fence of the pointer to this day.
-- Answers how many were deleted, and 1 if none of the day is left and none can be written under that pointer any more.
local places = redis.call('ZRANGEBYLEX', KEYS[1], ARGV[1], ARGV[3], 'LIMIT', 0, ARGV[4])
for _, place in ipairs(places) do
  redis.call('ZREM', KEYS[1], place)
  redis.call('HDEL', KEYS[2], string.sub(place, -32))
end
if redis.call('ZLEXCOUNT', KEYS[1], ARGV[2], ARGV[3]) > 0 then return { #places, 0 } end
if ARGV[1] ~= ARGV[2] then return { #places, 0 } end
local fence = tonumber(redis.call('GET', KEYS[3]) or '0')
if fence <= tonumber(ARGV[5]) then
  redis.call('SET', KEYS[3], string.format('%.0f', tonumber(ARGV[5]) + 1))
end
return { #places, 1 }
