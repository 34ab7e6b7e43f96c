-- The money rules, as `keyward_ledger::apply` has them, on what is in this slot.
--
-- KEYS: the operation; the reservation or refund that it makes or ends; the open reservations by deadline; where this slot is
--   registered as having some; then for the account and for each above it, upward: its record and its journal.
-- ARGV: see below.
-- Answers: done OUTCOME | replayed OPERATION | rejected REASON ... | early | path ANCESTORS | register GENERATION |
--   damaged RECORD
local kind, id, account, fingerprint, now_text, amount_text, description, deadline_text, path, registered, early =
  ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7], ARGV[8], ARGV[9], ARGV[10], ARGV[11]

-- The largest amount, instant and number of entries. Every sum below is kept within it, so that each is exact.
local MAX = 9007199254740991

local function text(number)
  return string.format('%.0f', number)
end

local function damaged(record)
  error({ damaged = record }, 0)
end

local function number(value, record)
  if not value or not string.find(value, '^%d+$') then damaged(record) end
  local parsed = tonumber(value)
  if parsed > MAX then damaged(record) end
  return parsed
end

local function add(sum, amount)
  if amount > MAX - sum then damaged('account') end
  return sum + amount
end

local function take(sum, amount)
  if amount > sum then damaged('account') end
  return sum - amount
end

local function less(from, amount)
  return math.max(0, from - amount)
end

local function reject(...)
  error({ rejected = { 'rejected', ... } }, 0)
end

local function load(place)
  local values = redis.call('HMGET', KEYS[3 + 2 * place],
    'balance', 'reserved', 'withheld', 'limit', 'spent', 'deposited', 'refunded', 'entries', 'path')
  if not values[9] then return nil end
  local record = { path = values[9] }
  for at, name in ipairs({ 'balance', 'reserved', 'withheld', false, 'spent', 'deposited', 'refunded', 'entries' }) do
    if name then record[name] = number(values[at], 'account') end
  end
  if values[4] ~= '' then record.limit = number(values[4], 'account') end
  add(record.spent, record.reserved)
  return record
end

local function store(place, record, ...)
  local fields = {}
  for _, name in ipairs({ ... }) do
    fields[#fields + 1] = name
    fields[#fields + 1] = text(record[name])
  end
  redis.call('HSET', KEYS[3 + 2 * place], unpack(fields))
end

local function left(record)
  if record.limit then return less(less(record.limit, record.spent), record.reserved) end
end

local function run()
  local done = redis.call('GET', KEYS[1])
  if done then
    if string.sub(done, 1, 32) == fingerprint then return { 'replayed', done } end
    return { 'rejected', 'OperationMismatch' }
  end
  -- What can be told without a record was told by the rules already.
  if early == '1' then return { 'early' } end
  local now = number(now_text, 'operation')
  local first = load(1)

  local function remember(outcome)
    redis.call('SET', KEYS[1], fingerprint .. ' ' .. account .. ' ' .. now_text .. ' ' .. outcome)
    return { 'done', outcome }
  end

  local function open(above, depth, root, limit)
    redis.call('HSET', KEYS[5], 'path', above, 'root', root, 'depth', depth, 'limit', limit, 'created_at', now_text,
      'balance', '0', 'reserved', '0', 'withheld', '0', 'spent', '0', 'deposited', '0', 'refunded', '0', 'entries', '0')
    return remember('opened')
  end

  if kind == 'open_root' or kind == 'open_child' then
    if first then reject('AccountExists') end
    if kind == 'open_root' then return open('', '0', account, '') end
    -- The parent is in the place of the account above.
    local parent = load(2)
    if not parent then reject('UnknownAccount', path) end
    local above = path
    if parent.path ~= '' then above = path .. ',' .. parent.path end
    local _, commas = string.gsub(above, ',', '')
    if commas + 1 > 3 then reject('TooDeep') end
    return open(above, text(commas + 1), string.sub(above, -32), amount_text)
  end

  if not first then reject('UnknownAccount', account) end
  if first.path ~= path then return { 'path', first.path } end
  local ids, chain = { account }, { first }
  for ancestor in string.gmatch(path, '%x+') do ids[#ids + 1] = ancestor end
  for place = 2, #ids do
    local record = load(place)
    if not record then damaged('account') end
    chain[place] = record
  end
  local root = chain[#chain]
  local last = #chain
  local amount = 0
  if amount_text ~= '' then amount = number(amount_text, 'operation') end
  local available = less(root.balance, root.reserved)

  local function check_root()
    if last > 1 then reject('NotARoot') end
  end

  local function check_available()
    if amount > available then reject('InsufficientBalance', text(available), amount_text) end
  end

  local function check_allowed()
    for place, record in ipairs(chain) do
      -- Each sum is exact: what is spent and reserved is at most MAX together.
      if record.limit then
        local used = record.spent + record.reserved
        if used > record.limit or amount > record.limit - used then
          reject('LimitExceeded', ids[place], text(left(record)), amount_text)
        end
      end
    end
    check_available()
  end

  -- Counts the entry in every journal; what it says is written by `write_entry`.
  local function enter()
    for _, record in ipairs(chain) do
      record.entries = record.entries + 1
      if record.entries > MAX then reject('Overflow') end
    end
  end

  local function write_entry(entry_kind, sum)
    local entry = table.concat(
      { text(root.entries), account, id, entry_kind, text(sum), text(root.balance), now_text, description }, ' ')
    for place = 1, last do
      local line = entry
      -- The journals below the root's have the places in that one.
      if place < last then line = text(root.entries) end
      redis.call('HSET', KEYS[4 + 2 * place], text(chain[place].entries), line)
    end
  end

  if kind == 'set_limit' then
    if last == 1 then reject('NotAChild') end
    redis.call('HSET', KEYS[5], 'limit', amount_text)
    return remember('limit_set')
  end

  if kind == 'credit' then
    check_root()
    if amount > MAX - root.deposited then reject('Overflow') end
    root.deposited = root.deposited + amount
    root.balance = add(root.balance, amount)
    enter()
    store(1, root, 'deposited', 'balance', 'entries')
    write_entry('deposit', amount)
    return remember('credited ' .. text(root.balance))
  end

  if kind == 'reserve' then
    check_allowed()
    local deadline = number(deadline_text, 'operation')
    for _, record in ipairs(chain) do
      record.reserved = add(record.reserved, amount)
      add(record.spent, record.reserved)
    end
    -- Whoever looks for what is due must find this slot, from that deadline on at the latest.
    local known = redis.call('HMGET', KEYS[4], 'generation', 'at')
    local generation = known[1] or '0'
    if not known[2] or number(known[2], 'registration') > deadline then
      if registered ~= generation then return { 'register', generation } end
      redis.call('HSET', KEYS[4], 'generation', generation, 'at', deadline_text)
    end
    for place, record in ipairs(chain) do store(place, record, 'reserved') end
    redis.call('SET', KEYS[2], table.concat({ account, amount_text, now_text, deadline_text, 'open', '0', '-' }, ' '))
    redis.call('ZADD', KEYS[3], deadline_text, id)
    return remember('reserved ' .. deadline_text)
  end

  if kind == 'settle' or kind == 'release' or kind == 'sweep' then
    local value = redis.call('GET', KEYS[2])
    if not value then reject('UnknownReservation') end
    local holder, held_text, made, due, state =
      string.match(value, '^(%x+) (%d+) (%d+) (%d+) (%a+) %d+ [%d-]+$')
    if not holder then damaged('reservation') end
    if holder ~= account then reject('UnknownReservation') end
    if state ~= 'open' then reject('ReservationEnded', state) end
    local held = number(held_text, 'reservation')
    local ended, charged, outcome
    if kind == 'settle' then
      local spendable = available
      for _, record in ipairs(chain) do
        if record.limit then spendable = math.min(spendable, left(record)) end
      end
      charged = math.min(amount, held) + math.min(less(amount, held), spendable)
      ended = 'settled'
    else
      if kind == 'sweep' and now < number(due, 'reservation') then reject('NotDue', due) end
      charged = 0
      ended = kind == 'sweep' and 'swept' or 'released'
      outcome = ended .. ' ' .. held_text
    end
    for _, record in ipairs(chain) do record.reserved = take(record.reserved, held) end
    if kind == 'settle' then
      for _, record in ipairs(chain) do
        record.spent = add(record.spent, charged)
        add(record.spent, record.reserved)
      end
      root.balance = take(root.balance, charged)
      if root.reserved > root.balance then damaged('account') end
      enter()
      for place, record in ipairs(chain) do store(place, record, 'reserved', 'spent', 'balance', 'entries') end
      write_entry('usage', charged)
      outcome = table.concat({ 'settled', text(charged), text(less(amount, charged)), text(root.balance) }, ' ')
    else
      for place, record in ipairs(chain) do store(place, record, 'reserved') end
    end
    redis.call('SET', KEYS[2],
      table.concat({ account, held_text, made, due, ended, text(charged), now_text }, ' '))
    -- The reservation that ends is named by the key's last 32 digits.
    redis.call('ZREM', KEYS[3], string.sub(KEYS[2], -32))
    return remember(outcome)
  end

  if kind == 'charge' then
    check_allowed()
    for _, record in ipairs(chain) do
      record.spent = add(record.spent, amount)
      add(record.spent, record.reserved)
    end
    root.balance = take(root.balance, amount)
    enter()
    for place, record in ipairs(chain) do store(place, record, 'spent', 'balance', 'entries') end
    write_entry('usage', amount)
    return remember('charged ' .. text(root.balance))
  end

  if kind == 'begin_refund' then
    check_root()
    if root.reserved > 0 then reject('ReservationOpen', text(root.reserved)) end
    check_available()
    root.balance = take(root.balance, amount)
    root.withheld = add(root.withheld, amount)
    enter()
    store(1, root, 'balance', 'withheld', 'entries')
    redis.call('SET', KEYS[2], table.concat({ account, amount_text, now_text, 'open', '-' }, ' '))
    write_entry('refund', amount)
    return remember('refund_begun ' .. text(root.balance))
  end

  -- complete_refund, cancel_refund
  check_root()
  local value = redis.call('GET', KEYS[2])
  if not value then reject('UnknownRefund') end
  local holder, sum_text, begun, state = string.match(value, '^(%x+) (%d+) (%d+) (%a+) [%d-]+$')
  if not holder then damaged('refund') end
  if holder ~= account then reject('UnknownRefund') end
  if state ~= 'open' then reject('RefundEnded', state) end
  local sum = number(sum_text, 'refund')
  root.withheld = take(root.withheld, sum)
  local ended, outcome
  if kind == 'complete_refund' then
    root.refunded = add(root.refunded, sum)
    ended, outcome = 'completed', 'refund_completed ' .. sum_text
    store(1, root, 'withheld', 'refunded')
  else
    root.balance = add(root.balance, sum)
    enter()
    ended, outcome = 'cancelled', 'refund_cancelled ' .. sum_text .. ' ' .. text(root.balance)
    store(1, root, 'withheld', 'balance', 'entries')
    write_entry('refund_cancelled', sum)
  end
  redis.call('SET', KEYS[2], table.concat({ account, sum_text, begun, ended, now_text }, ' '))
  return remember(outcome)
end

local succeeded, answer = pcall(run)
if succeeded then return answer end
if type(answer) == 'table' and answer.rejected then return answer.rejected end
if type(answer) == 'table' and answer.damaged then return { 'damaged', answer.damaged } end
-- What the server refused by itself: `pcall` has made a text of it, which as an error of the script would lose its code.
if type(answer) == 'string' and string.find(answer, '^%u+ ') then return redis.error_reply(answer) end
error(answer, 0)
