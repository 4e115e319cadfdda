/**
 * The sorted sets of a listing, by id: of all sessions and of each owner's one by `updatedAt` and one by `createdAt`. One
 * more, of members `LENGTH:OWNER` and id, tells when a session is due to be looked at, because it may have expired.
 */
export const indexLua: string = `
-- A session that is not there yet gets its place in both sets; one that is moves in the first.
local function place(updated, created, id, updatedAt, createdAt, isNew)
  if redis.call('ZADD', updated, updatedAt, id) == 1 or isNew then redis.call('ZADD', created, createdAt, id) end
end

-- What is due, a little of it: each write looks after a few, so that nothing has to sweep.
local function dueBy(expiring, now)
  return redis.call('ZRANGEBYSCORE', expiring, '-inf', now, 'LIMIT', 0, 3)
end

local function expiringMember(owner, id) return #owner .. ':' .. owner .. id end
`;

/** The names of the sets, from the name of a session's hash: only where a script may touch keys of any slot. */
export const setNamesLua: string = `
local function setNames(key, id)
  local prefix = string.sub(key, 1, #key - #id - 2)
  return {
    updated = prefix .. '{list}:updatedAt',
    created = prefix .. '{list}:createdAt',
    expiring = prefix .. '{list}:expiring',
    updatedOf = function(owner) return prefix .. '{owner:' .. owner .. '}:updatedAt' end,
    createdOf = function(owner) return prefix .. '{owner:' .. owner .. '}:createdAt' end,
  }
end
`;
