-- What is due in this slot, and from when on something else will be.
-- KEYS: open reservations by deadline; the registration. ARGV: now, the most to bring.
-- Answers: the generation; the earliest deadline of all ('' if nothing is open); then reservations, the longest due first.
local generation = redis.call('HGET', KEYS[2], 'generation') or '0'
local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
local earliest = ''
if first[2] then earliest = string.format('%.0f', tonumber(first[2])) end
local answer = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])
table.insert(answer, 1, earliest)
table.insert(answer, 1, generation)
return answer
