/**
 * The sorted sets of a listing, by id: of all sessions and of each owner's one by `updatedAt` and one by `createdAt`. One
 * more, of members `LENGTH:OWNER` and id, tells when a session is due to be looked at, because it may have expired.
 *
 * Nothing here may fail: the session has been written by then, and lists put themselves right. So it is pcall, not call.
 */
export const indexLua: string = `
-- A session that is not there yet gets its place in both sets; one that is moves in the first.
local function place(updated, created, id, updatedAt, createdAt, isNew)
  if redis.pcall('ZADD', updated, updatedAt, id) == 1 or isNew then redis.pcall('ZADD', created, createdAt, id) end
end

local function remove(updated, created, id)
  redis.pcall('ZREM', updated, id)
  redis.pcall('ZREM', created, id)
end

-- What is due, a little of it: each write looks after a few, so that nothing has to sweep.
local function dueBy(expiring, now)
  return redis.pcall('ZRANGEBYSCORE', expiring, '-inf', now, 'LIMIT', 0, 3)
end

local function expiringMember(owner, id) return #owner .. ':' .. owner .. id end
`;
