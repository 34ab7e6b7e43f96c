-- Sets a counter that was counted elsewhere, if nobody has counted since. KEYS: the counter. ARGV: start and use as they were
-- ('' for none), start and use as they are to be, how long it is kept ('' for ever). Answers 1 if so.
local window = redis.call('HMGET', KEYS[1], 'start', 'used')
if (window[1] or '') ~= ARGV[1] or (window[2] or '') ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], 'start', ARGV[3], 'used', ARGV[4])
if ARGV[5] ~= '' then redis.call('PEXPIRE', KEYS[1], ARGV[5]) else redis.call('PERSIST', KEYS[1]) end
return 1
