-- Counts a use as `keyward_store::count_hit` does, where all numbers are exact.
-- KEYS: the counter. ARGV: now, the window that now is in, its length, the limit, the cost, whether it is recorded above the
--   limit, how long the counter is kept after this (milliseconds, '' for ever).
-- Answers: whether it was within the limit, what is left, when the next window begins; or nothing if a number is too large.
local EXACT = 4503599627370496
local now, aligned, length, limit, cost =
  tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local window = redis.call('HMGET', KEYS[1], 'start', 'used')
local start, used = aligned, 0
if window[1] then
  local its_start, its_used = tonumber(window[1]), tonumber(window[2])
  if its_start > EXACT or its_used > EXACT then return {} end
  if math.abs(now - its_start) < length then start, used = its_start, its_used end
end
local sum = used + cost
local is_within = sum <= limit
if is_within or ARGV[6] == '1' then used = sum end
redis.call('HSET', KEYS[1], 'start', string.format('%.0f', start), 'used', string.format('%.0f', used))
if ARGV[7] ~= '' then redis.call('PEXPIRE', KEYS[1], ARGV[7]) else redis.call('PERSIST', KEYS[1]) end
return { is_within and '1' or '0', string.format('%.0f', math.max(0, limit - used)), string.format('%.0f', start + length) }
