-- Takes a place. KEYS: the leases. ARGV: the lease, how many there may be, now, when it expires, how long the leases are kept
--   beyond the last one's end (milliseconds).
-- Answers: held COUNT | full NEXT
-- Instants are compared as decimals: they may be too large for a double.
local function before(one, other)
  if #one ~= #other then return #one < #other end
  return one < other
end
local lease, now, expires = ARGV[1], ARGV[3], ARGV[4]
local all = redis.call('HGETALL', KEYS[1])
local held, is_mine, first, last = 0, false, nil, expires
for at = 1, #all, 2 do
  local expiry = all[at + 1]
  if before(now, expiry) then
    held = held + 1
    is_mine = is_mine or all[at] == lease
    if not first or before(expiry, first) then first = expiry end
    if before(last, expiry) then last = expiry end
  else
    redis.call('HDEL', KEYS[1], all[at])
  end
end
if not is_mine and held >= tonumber(ARGV[2]) then return { 'full', first or now } end
redis.call('HSET', KEYS[1], lease, expires)
local kept = tonumber(last) - tonumber(now) + tonumber(ARGV[5])
if kept < 1e13 then
  redis.call('PEXPIRE', KEYS[1], string.format('%.0f', math.max(kept, tonumber(ARGV[5]))))
else
  redis.call('PERSIST', KEYS[1])
end
if not is_mine then held = held + 1 end
return { 'held', string.format('%.0f', held) }
