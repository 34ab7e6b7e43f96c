-- Writes a key's record over the revision that its writer has seen.
-- KEYS: the record; the slot's fence; the keys of its account.
-- ARGV: the revision before ('' for none); the fence that the writer's pointers were made under; the record; its revision; a
--   name of this attempt, so that the same one sent twice is one; the key's id.
-- Answers: written | conflict | fenced FENCE
local current = redis.call('HMGET', KEYS[1], 'revision', 'attempt')
if current[2] and current[2] == ARGV[5] then return { 'written' } end
if (current[1] or '') ~= ARGV[1] then return { 'conflict' } end
local fence = redis.call('GET', KEYS[2]) or '0'
if fence ~= ARGV[2] then return { 'fenced', fence } end
redis.call('HSET', KEYS[1], 'revision', ARGV[4], 'record', ARGV[3], 'attempt', ARGV[5])
if ARGV[1] == '' then redis.call('ZADD', KEYS[3], '0', ARGV[6]) end
return { 'written' }
