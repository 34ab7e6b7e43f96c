-- Removes a pointer that leads nowhere, if it is still the same. KEYS: the pointer. ARGV: what it was.
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
