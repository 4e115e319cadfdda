import { REMEMBERED_CHANGES } from '@sess/core/store';
import { indexLua } from './index-lua.ts';
import { type Script, script } from './script.ts';
import { recentFields, sessionLua } from './session-lua.ts';

/**
 * A commit or a save, with the semantics of `applyWrite`, in one step. All is judged before the first write, so that a
 * refusal leaves everything as it was.
 *
 * The arguments are those of `commitArguments`. Answers one of
 *
 * - `DONE`, whether there was a session, expiresAt, owner, updatedAt, createdAt, what is due in the sets ...
 * - `APPLIED`, expiresAt: the session remembers this change
 * - `NOT_FOUND`, `ALREADY_EXISTS`
 * - `CONFLICT`, changes, the present life where it is another, 1 where the state conflicts, its version, and of each
 *   thread that conflicts its name, version and length
 * - `BEYOND`, thread, length: more messages should stay than there are
 */
export const commitScript: Script = script(
  `${sessionLua}${indexLua}
local at = 0
local function take()
  at = at + 1
  return ARGV[at]
end
local function taken(count)
  at = at + count
  return unpack(ARGV, at - count + 1, at)
end

local listsHere, id, clock, ttl, changeId, kind, wantedLife, owner, isActivity, keepsMetadata, stateAction, stateBase, state =
  unpack(ARGV, 1, 13)
at = 13
local now = present(clock)

local threadChanges, isChanged = {}, {}
for number = 1, tonumber(take()) do
  local name, base, keep, turnAction = taken(4)
  local turn = turnAction == 'open' and {taken(4)}
  local count = tonumber(take())
  -- All fields at once, here and below: a table that grows field by field costs more than the commands.
  threadChanges[number] = {
    name = name, base = base, keep = tonumber(keep), turnAction = turnAction, turn = turn, count = count, first = at + 1,
    old = false,
  }
  at = at + count
  isChanged[name] = true
end
local holds = {}
for _ = 1, tonumber(take()) do
  local thread, turn = taken(2)
  holds[thread] = turn
end

local head = redis.call('HMGET', key, 'life', 'changes', 'createdAt', 'updatedAt', 'expiresAt', 'owner', 'stateVersion',
  'threads', 'metadata', 'deleted', ${recentFields})
local life, changes, createdAt, updatedAt, expiresAt, oldOwner, stateVersion, threadCount, metadataCount, deleted =
  unpack(head, 1, 10)
local recent = {unpack(head, 11)}
local live = isLive(life, expiresAt, now)
local isRemembered = false
for _, remembered in ipairs(recent) do isRemembered = isRemembered or remembered == changeId end

if (live and life == changeId) or ((live or kind == 'save') and isRemembered) then
  return answer({'APPLIED', live and expiresAt or ''})
end
if kind == 'commit' then
  if live and wantedLife == '' then return answer({'ALREADY_EXISTS'}) end
  if live and wantedLife ~= life then return answer({'CONFLICT', changes, life}) end
  if not live and (wantedLife ~= '' or life == changeId or deleted == changeId) then return answer({'NOT_FOUND'}) end
end

-- What there is of a thread. Nothing counts of a session that is gone, nor of one that is replaced.
local isEmptied = not live or kind == 'save'
local function threadOf(name)
  local number, length, version, turn
  if not isEmptied then
    number, length, version, turn =
      unpack(redis.call('HMGET', key, 'number:' .. name, 'length:' .. name, 'version:' .. name, 'turn:' .. name))
  end
  return {number = number, length = tonumber(length or 0), version = version or '', turn = turn or ''}
end
if isEmptied then stateVersion, threadCount = false, 0 end

local conflict = {'CONFLICT', live and changes or '0', '', '', stateVersion or ''}
local isRefused = false
local function conflictOf(name, thread)
  isRefused = true
  for _, value in ipairs({name, thread.version, thread.length}) do conflict[#conflict + 1] = value end
end
if stateAction ~= '' and stateBase ~= (stateVersion or '') then
  isRefused = true
  conflict[4] = '1'
end
for _, change in ipairs(threadChanges) do
  change.old = threadOf(change.name)
  local held = holds[change.name]
  if change.base ~= change.old.version or (held and held ~= change.old.turn) then conflictOf(change.name, change.old) end
end
local beating = {}
for name, turn in pairs(holds) do
  if not isChanged[name] then
    local thread = threadOf(name)
    if turn ~= thread.turn then conflictOf(name, thread) else beating[#beating + 1] = name end
  end
end
if isRefused then return answer(conflict) end
for _, change in ipairs(threadChanges) do
  if change.keep > change.old.length then return answer({'BEYOND', change.name, change.old.length}) end
end

-- From here on all is written.
local writes, written = {}, 0
local function flush()
  if written > 0 then redis.call('HSET', key, unpack(writes, 1, written)) end
  writes, written = {}, 0
end
local function put(field, value)
  writes[written + 1], writes[written + 2] = field, value
  written = written + 2
  if written >= 2000 then flush() end
end

if isEmptied then
  local keptMetadata = live and keepsMetadata == '1' and metadataOf(tonumber(metadataCount or 0)) or {}
  if life or deleted then redis.call('UNLINK', key) end
  if live then
    owner = oldOwner or ''
    for slot, remembered in ipairs(recent) do
      if remembered then put('recent:' .. (slot - 1), remembered) end
    end
  else
    life, changes, createdAt = changeId, 0, now
  end
  put('life', life)
  put('createdAt', createdAt)
  if owner ~= '' then put('owner', owner) end
  metadataCount = #keptMetadata / 2
  for number = 1, metadataCount do
    put('key:' .. number, keptMetadata[number * 2 - 1])
    put('meta:' .. keptMetadata[number * 2 - 1], keptMetadata[number * 2])
  end
  if metadataCount > 0 then put('metadata', metadataCount) end
else
  owner = oldOwner or ''
end

changes = tonumber(changes) + 1
put('changes', changes)
put('recent:' .. (changes % ${REMEMBERED_CHANGES}), changeId)
if isActivity == '1' or not live then
  updatedAt = now
  put('updatedAt', updatedAt)
end

if stateAction ~= '' then put('stateVersion', changeId) end
if stateAction == 'set' then put('state', state) end
if stateAction == 'clear' and not isEmptied then redis.call('HDEL', key, 'state') end

threadCount = tonumber(threadCount or 0)
for _, change in ipairs(threadChanges) do
  local name, old, number = change.name, change.old, change.old.number
  if not number then
    threadCount = threadCount + 1
    number = threadCount
    put('threads', threadCount)
    put('name:' .. number, name)
    put('number:' .. name, number)
  end
  local length = change.keep + change.count
  put('version:' .. name, changeId)
  put('length:' .. name, length)
  if not old.number or change.keep < old.length then put('edition:' .. name, changeId) end
  for index = change.keep, length - 1 do
    put(number .. ':' .. index, ARGV[change.first + index - change.keep])
  end
  local gone = {}
  for index = length, old.length - 1 do gone[#gone + 1] = number .. ':' .. index end
  drop(gone)
  if change.turn then
    for index, field in ipairs({'turn:', 'turnAt:', 'turnLease:', 'beat:'}) do put(field .. name, change.turn[index]) end
  elseif change.turnAction == 'close' and old.turn ~= '' then
    drop({'turn:' .. name, 'turnAt:' .. name, 'turnLease:' .. name, 'beat:' .. name})
  end
end
for _, name in ipairs(beating) do redis.call('HINCRBY', key, 'beat:' .. name, 1) end

local isRemoved = {}
local removed = false
metadataCount = tonumber(metadataCount or 0)
for _ = 1, tonumber(take()) do
  local name, value = taken(2)
  local isThere = not isEmptied and redis.call('HEXISTS', key, 'meta:' .. name) == 1
  if value ~= '' then
    if not isThere then
      metadataCount = metadataCount + 1
      put('metadata', metadataCount)
      put('key:' .. metadataCount, name)
    end
    put('meta:' .. name, value)
  elseif isThere then
    isRemoved[name], removed = true, true
  end
end
if removed then
  flush()
  local entries = metadataOf(metadataCount)
  local gone, stays = {}, 0
  for number = 1, metadataCount do
    local name = entries[number * 2 - 1]
    if isRemoved[name] then
      gone[#gone + 1] = 'meta:' .. name
    else
      stays = stays + 1
      put('key:' .. stays, name)
    end
  end
  for number = stays + 1, metadataCount do gone[#gone + 1] = 'key:' .. number end
  drop(gone)
  put('metadata', stays)
end

-- The server's own expiry goes by its own clock; with another clock it would come at the wrong time.
local oldExpiry = not isEmptied and expiresAt
expiresAt = ttl ~= '' and math.min(math.ceil(now + tonumber(ttl)), 9007199254740991) or ''
if expiresAt ~= '' then put('expiresAt', expiresAt) elseif oldExpiry then drop({'expiresAt'}) end
flush()
if expiresAt ~= '' and clock == '' then
  redis.call('PEXPIREAT', key, expiresAt)
elseif oldExpiry then
  redis.call('PERSIST', key)
end

local done = {'DONE', live and '1' or '0', expiresAt, owner, updatedAt, createdAt}
if listsHere == '1' then
  local prefix = string.sub(key, 1, #key - #id - 2)
  if isActivity == '1' or not live then
    place(prefix .. '{list}:updatedAt', prefix .. '{list}:createdAt', id, updatedAt, createdAt, not live)
    if owner ~= '' then
      local sets = prefix .. '{owner:' .. owner .. '}:'
      place(sets .. 'updatedAt', sets .. 'createdAt', id, updatedAt, createdAt, not live)
    end
  end
  -- Later commits move the expiry on, and the session is then looked after too early, once in a ttl: cheaper than here.
  local expiring = prefix .. '{list}:expiring'
  local isNewlyMortal = expiresAt ~= '' and not oldExpiry
  if isNewlyMortal then redis.pcall('ZADD', expiring, expiresAt, expiringMember(owner, id)) end
  if isNewlyMortal or changes % 16 == 0 then
    for _, member in ipairs(dueBy(expiring, now)) do done[#done + 1] = member end
  end
end
return done
`,
  { writes: true },
);
