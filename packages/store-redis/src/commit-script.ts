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
 * - `DONE`, whether there was a session, expiresAt; then what is due in the lists, or where these are not changed here
 *   the owner, updatedAt and createdAt
 * - `APPLIED`, expiresAt: the session remembers this change
 * - `NOT_FOUND`, `ALREADY_EXISTS`
 * - `CONFLICT`, changes, the present life where it is another, 1 where the state conflicts, its version, and of each
 *   thread that conflicts its name, version and length
 * - `BEYOND`, thread, length: more messages should stay than there are
 */
export const commitScript: Script = script(
  `${sessionLua}${indexLua}
local listsHere, id, clock, ttl, changeId, kind, wantedLife, owner, stateAction, stateBase, state, threadsGiven =
  unpack(ARGV, 1, 12)
local at = 13
local now = present(clock)

-- With room for one thread: a list that grows is copied time and again.
local fields = {
  'life', 'changes', 'createdAt', 'updatedAt', 'expiresAt', 'owner', 'stateVersion', 'threads', 'metadata', nil, nil, nil, nil
}
local threads, hasBase, isActivity = {}, stateBase ~= '', kind == 'save' or stateAction ~= ''
for position = 1, tonumber(threadsGiven) do
  local name, held, action, base, keep, count = unpack(ARGV, at, at + 5)
  at = at + 6
  local turn = false
  if action == 'open' then
    turn = {unpack(ARGV, at, at + 3)}
    at = at + 4
  end
  if base ~= '' then hasBase = true end
  if action ~= 'beat' then isActivity = true end
  threads[position] = {
    name = name, held = held, action = action, base = base, keep = tonumber(keep), count = tonumber(count), turn = turn,
    first = at, number = false, length = 0, version = '', openTurn = '', isRefused = false,
  }
  at = at + count
  local last = position * 4 + 5
  fields[last + 1], fields[last + 2], fields[last + 3], fields[last + 4] =
    'number:' .. name, 'length:' .. name, 'version:' .. name, 'turn:' .. name
end

local found = get(fields)
local life, changes, createdAt, updatedAt, expiresAt, oldOwner, stateVersion, threadCount, metadataCount = unpack(found, 1, 9)
local live = isLive(life, expiresAt, now)

-- Nothing counts of a session that is gone, nor of one that is replaced.
local isEmptied = not live or kind == 'save'
if isEmptied then stateVersion, threadCount = false, 0 end
local isStateRefused = stateAction ~= '' and stateBase ~= (stateVersion or '')
local isRefused = isStateRefused
for position, thread in ipairs(threads) do
  if not isEmptied then
    local number, length, version, openTurn = unpack(found, position * 4 + 6, position * 4 + 9)
    thread.number, thread.length, thread.version, thread.openTurn =
      number, tonumber(length or 0), version or '', openTurn or ''
  end
  if (thread.action ~= 'beat' and thread.base ~= thread.version) or (thread.held ~= '' and thread.held ~= thread.openTurn) then
    thread.isRefused, isRefused = true, true
  end
end

-- A change that was applied has taken away, for good, the bases that it names. Where one of them is still there, the
-- change need not be looked for among the last ones.
local recent = {}
if isEmptied or wantedLife ~= life or not hasBase or isRefused then
  local past = redis.call('HMGET', key, 'deleted', ${recentFields})
  local deleted = past[1]
  local isRemembered = false
  for slot = 1, ${REMEMBERED_CHANGES} do
    recent[slot] = past[slot + 1]
    isRemembered = isRemembered or recent[slot] == changeId
  end
  if (live and life == changeId) or ((live or kind == 'save') and isRemembered) then
    return answer({'APPLIED', live and expiresAt or ''})
  end
  if kind == 'commit' then
    if live and wantedLife == '' then return answer({'ALREADY_EXISTS'}) end
    if live and wantedLife ~= life then return answer({'CONFLICT', changes, life}) end
    if not live and (wantedLife ~= '' or life == changeId or deleted == changeId) then return answer({'NOT_FOUND'}) end
  end
end
if isRefused then
  local conflict = {'CONFLICT', live and changes or '0', '', isStateRefused and '1' or '', stateVersion or ''}
  for _, thread in ipairs(threads) do
    if thread.isRefused then
      for _, value in ipairs({thread.name, thread.version, thread.length}) do conflict[#conflict + 1] = value end
    end
  end
  return answer(conflict)
end
for _, thread in ipairs(threads) do
  if thread.keep > thread.length then return answer({'BEYOND', thread.name, thread.length}) end
end
local metadata = tonumber(ARGV[at])
isActivity = isActivity or metadata or not live

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
  local keptMetadata = live and not metadata and metadataOf(tonumber(metadataCount or 0)) or {}
  redis.call('UNLINK', key)
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
if isActivity then
  updatedAt = now
  put('updatedAt', updatedAt)
end

if stateAction ~= '' then put('stateVersion', changeId) end
if stateAction == 'set' then put('state', state) end
if stateAction == 'clear' and not isEmptied then redis.call('HDEL', key, 'state') end

threadCount = tonumber(threadCount or 0)
for _, thread in ipairs(threads) do
  local name, number = thread.name, thread.number
  if thread.action == 'beat' then
    redis.call('HINCRBY', key, 'beat:' .. name, 1)
  else
    if not number then
      threadCount = threadCount + 1
      number = threadCount
      put('threads', threadCount)
      put('name:' .. number, name)
      put('number:' .. name, number)
    end
    local length = thread.keep + thread.count
    put('version:' .. name, changeId)
    put('length:' .. name, length)
    if not thread.number or thread.keep < thread.length then put('edition:' .. name, changeId) end
    for index = thread.keep, length - 1 do
      put(number .. ':' .. index, ARGV[thread.first + index - thread.keep])
    end
    if length < thread.length then
      local gone = {}
      for index = length, thread.length - 1 do gone[#gone + 1] = number .. ':' .. index end
      drop(gone)
    end
    if thread.turn then
      for index, field in ipairs({'turn:', 'turnAt:', 'turnLease:', 'beat:'}) do put(field .. name, thread.turn[index]) end
    elseif thread.action == 'close' and thread.openTurn ~= '' then
      drop({'turn:' .. name, 'turnAt:' .. name, 'turnLease:' .. name, 'beat:' .. name})
    end
  end
end

local isRemoved = {}
local removed = false
metadataCount = tonumber(metadataCount or 0)
for _ = 1, metadata or 0 do
  local name, value = ARGV[at + 1], ARGV[at + 2]
  at = at + 2
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

local done = {'DONE', live and '1' or '0', expiresAt}
if listsHere == '1' then
  local prefix = string.sub(key, 1, #key - #id - 2)
  if isActivity then
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
else
  done[4], done[5], done[6] = owner, updatedAt, createdAt
end
return done
`,
  { writes: true },
);
