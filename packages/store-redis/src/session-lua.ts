import { REMEMBERED_CHANGES } from '@sess/core/store';

/** Times, and other whole numbers. */
export const timeLua: string = `
-- In ms since the epoch, as text: the server's time, unless the store has a clock of its own. Every command that is
-- given a number formats it anew.
local function present(given)
  if given ~= '' then return given end
  local time = redis.call('TIME')
  return string.format('%s%03d', time[1], time[2] / 1000)
end

-- Lua itself would write a time as 1.7e+12.
local function digits(number) return string.format('%.0f', number) end
`;

/** For what is answered without a write: it must be the master's. */
export const masterLua: string = `
-- This writes nothing, whatever the key holds; a replica refuses it nevertheless.
local function answer(reply)
  local probe = redis.pcall('HDEL', KEYS[1], '')
  local isReplica = type(probe) == 'table' and probe.err and string.find(probe.err, 'READONLY', 1, true)
  return isReplica and {'REPLICA'} or reply
end
`;

/**
 * What every script about a session begins with. `KEYS[1]` is its hash:
 *
 * - `life`, `changes`, `createdAt`, `updatedAt`, `expiresAt`, `owner`, `state`, `stateVersion`
 * - `threads`: how many there are; `name:n`: the name of thread number n; of a thread `number:NAME`, `version:NAME`,
 *   `length:NAME`, `edition:NAME` (the change that last took messages away), and `turn:NAME`, `turnAt:NAME`,
 *   `turnLease:NAME`, `beat:NAME` while a turn is open; `n:i`: message i of thread number n
 * - `metadata`: how many keys there are; `key:j`: key number j; `meta:KEY`: its value
 * - `recent:0` to `recent:15`: the ids of the last changes
 *
 * A tombstone is a hash with `deleted` (the life), `deletedBy` and the recent ids. State, messages and metadata are JSON
 * text, which no script ever looks into: Lua's JSON makes `{}` of `[]`, and rounds large numbers.
 */
export const sessionLua: string = `
local key = KEYS[1]

${masterLua}${timeLua}
-- In slices: unpack gives up near 8,000 values.
local function inSlices(list, use)
  for from = 1, #list, 1000 do
    use(from, unpack(list, from, math.min(from + 999, #list)))
  end
end

local function get(fields)
  if #fields > 0 and #fields <= 1000 then return redis.call('HMGET', key, unpack(fields)) end
  local values = {}
  inSlices(fields, function(from, ...)
    for offset, value in ipairs(redis.call('HMGET', key, ...)) do values[from + offset - 1] = value end
  end)
  return values
end

local function drop(fields)
  inSlices(fields, function(_, ...) redis.call('HDEL', key, ...) end)
end

local function isLive(life, expiresAt, now)
  return life and (not expiresAt or tonumber(expiresAt) > tonumber(now))
end

-- The values of the metadata by their keys, as one list: key, value, key, value.
local function metadataOf(count)
  local names = {}
  for number = 1, count do names[number] = 'key:' .. number end
  local keys = get(names)
  local fields = {}
  for number = 1, count do fields[number] = 'meta:' .. keys[number] end
  local values = get(fields)
  local entries = {}
  for number = 1, count do
    entries[number * 2 - 1] = keys[number]
    entries[number * 2] = values[number]
  end
  return entries
end
`;

/** The fields of the last changes; they stay on the tombstone, so that a repeated save is not taken for a new one. */
export const recentFields: string = Array.from({ length: REMEMBERED_CHANGES }, (_, slot) => `'recent:${slot}'`).join(
  ', ',
);
