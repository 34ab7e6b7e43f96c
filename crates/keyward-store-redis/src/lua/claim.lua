-- Points from a digest to a key that is about to have it, unless it points to another key.
-- KEYS: the pointer. ARGV: the key's id, the revision that will have it, the fence.
-- Answers with what is there afterwards: `ID REVISION FENCE`. Of several attempts for one key the highest numbers stay: who
-- wants the pointer for another key has to outlast all of them.
local there = redis.call('GET', KEYS[1])
local revision, fence = tonumber(ARGV[2]), tonumber(ARGV[3])
if there then
  local id, its_revision, its_fence = string.match(there, '^(%x+) (%d+) (%d+)$')
  if id ~= ARGV[1] then return there end
  revision, fence = math.max(revision, tonumber(its_revision)), math.max(fence, tonumber(its_fence))
end
local pointer = string.format('%s %.0f %.0f', ARGV[1], revision, fence)
if pointer ~= there then redis.call('SET', KEYS[1], pointer) end
return pointer
