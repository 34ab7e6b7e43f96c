-- Begins a new generation of the registration, if nothing has come in between: after this nobody relies on the old entry.
-- KEYS: open reservations by deadline; the registration. ARGV: the old generation, the new one, the deadline under which the
--   new one is registered ('' for not at all).
-- Answers 1 if so.
if (redis.call('HGET', KEYS[2], 'generation') or '0') ~= ARGV[1] then return 0 end
local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
if first[2] and (ARGV[3] == '' or tonumber(first[2]) < tonumber(ARGV[3])) then return 0 end
redis.call('HSET', KEYS[2], 'generation', ARGV[2])
if ARGV[3] == '' then
  redis.call('HDEL', KEYS[2], 'at')
else
  redis.call('HSET', KEYS[2], 'at', ARGV[3])
end
return 1
