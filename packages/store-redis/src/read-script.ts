import { type Script, script } from './script.ts';
import { sessionLua } from './session-lua.ts';

/** Loads messages until so many bytes are spent. A few at a time: one may be large. */
const messagesLua = `
local left = 0
local function messagesOf(number, from, to)
  local messages = {}
  while from < to and left > 0 do
    local fields = {}
    for index = from, math.min(from + 20, to) - 1 do fields[#fields + 1] = number .. ':' .. digits(index) end
    for _, message in ipairs(redis.call('HMGET', key, unpack(fields))) do
      messages[#messages + 1] = message
      if message then left = left - #message end
    end
    from = from + #fields
  end
  return messages
end
`;

/**
 * A session as it is at one moment. Arguments: the clock's time, `last`, `before`, how many bytes of messages to load at
 * most, and either nothing more or `threads` and the names of those to load.
 *
 * Answers `NONE`, or `FOUND`, life, changes, createdAt, updatedAt, expiresAt, owner, state and its version, then the
 * metadata as a list, and a list for each thread: name, number, version, length, edition, turn, its time, lease and beat,
 * and where it is to be loaded the range of that, and the messages that were within the bytes.
 */
export const readScript: Script = script(
  `${sessionLua}${messagesLua}
local head = redis.call('HMGET', key, 'life', 'changes', 'createdAt', 'updatedAt', 'expiresAt', 'owner', 'state',
  'stateVersion', 'threads', 'metadata')
if not isLive(head[1], head[5], present(ARGV[1])) then return answer({'NONE'}) end

local last, before = tonumber(ARGV[2]) or math.huge, tonumber(ARGV[3]) or math.huge
left = tonumber(ARGV[4]) or math.huge
local isSelected
if ARGV[5] then
  isSelected = {}
  for position = 6, #ARGV do isSelected[ARGV[position]] = true end
end

local count = tonumber(head[9] or 0)
local numbered = {}
for number = 1, count do numbered[number] = 'name:' .. number end
local names = get(numbered)
local parts = {'version:', 'length:', 'edition:', 'turn:', 'turnAt:', 'turnLease:', 'beat:'}
local fields = {}
for _, name in ipairs(names) do
  for _, part in ipairs(parts) do fields[#fields + 1] = part .. name end
end
local values = get(fields)
local threads = {}
for number, name in ipairs(names) do
  local thread = {name, tostring(number), unpack(values, (number - 1) * #parts + 1, number * #parts)}
  if not isSelected or isSelected[name] then
    local to = math.min(before, tonumber(thread[4]))
    local from = math.max(0, to - last)
    thread[10], thread[11], thread[12] = digits(from), digits(to), messagesOf(number, from, to)
  end
  threads[number] = thread
end
local metadata = metadataOf(tonumber(head[10] or 0))
return answer({'FOUND', head[1], head[2], head[3], head[4], head[5], head[6], head[7], head[8], metadata, threads})
`,
  { writes: false },
);

/**
 * More messages of a thread that was read before. Arguments: the life and the thread's name, number and edition as they
 * were then, the range, and the bytes. Answers `CHANGED` where messages were taken away meanwhile; those that were appended
 * since change nothing about those that were there.
 */
export const sliceScript: Script = script(
  `${sessionLua}${messagesLua}
local life, name, number, edition, from, to, bytes = unpack(ARGV)
local found = redis.call('HMGET', key, 'life', 'edition:' .. name)
if found[1] ~= life or found[2] ~= edition then return answer({'CHANGED'}) end
left = tonumber(bytes)
return answer({'FOUND', messagesOf(number, tonumber(from), tonumber(to))})
`,
  { writes: false },
);
