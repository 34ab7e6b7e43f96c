-- Removes the pointer to a key that no longer has the digest since REVISION. KEYS: the pointer. ARGV: the key, REVISION.
local id, revision = string.match(redis.call('GET', KEYS[1]) or '', '^(%x+) (%d+) %d+$')
if id == ARGV[1] and tonumber(revision) <= tonumber(ARGV[2]) then return redis.call('DEL', KEYS[1]) end
return 0
