import { indexLua } from './index-lua.ts';
import { type Script, script } from './script.ts';
import { masterLua, timeLua } from './session-lua.ts';

/**
 * The keys of this script and the next two are the sets by `updatedAt` and `createdAt`, of all sessions or of an owner, and
 * of all sessions the one of those that are due.
 *
 * Gives a session its place in the lists, unless a later change has moved it on. Arguments: id, updatedAt, createdAt, 1
 * where it is new, owner, expiresAt, the clock's time. Answers what is due.
 */
export const placeScript: Script = script(
  `${timeLua}${indexLua}
local id, updatedAt, createdAt, isNew, owner, expiresAt, clock = unpack(ARGV)
local placedAt = tonumber(redis.call('ZSCORE', KEYS[1], id))
if not placedAt or placedAt <= tonumber(updatedAt) then
  place(KEYS[1], KEYS[2], id, updatedAt, createdAt, isNew == '1')
end
if not KEYS[3] then return {'DONE'} end
if expiresAt == '' then
  redis.call('ZREM', KEYS[3], expiringMember(owner, id))
else
  redis.call('ZADD', KEYS[3], expiresAt, expiringMember(owner, id))
end
return {'DONE', unpack(dueBy(KEYS[3], present(clock)))}
`,
  { writes: true },
);

/**
 * Announces a session that is about to be created, so that it cannot be missing from the lists whatever happens then. It
 * gets the last place, and is due soon. Arguments: id, owner, the clock's time.
 */
export const announceScript: Script = script(
  `${timeLua}${indexLua}
local id, owner, clock = unpack(ARGV)
redis.pcall('ZADD', KEYS[1], 'NX', 0, id)
redis.pcall('ZADD', KEYS[2], 'NX', 0, id)
if KEYS[3] then redis.pcall('ZADD', KEYS[3], 'NX', digits(present(clock) + 60000), expiringMember(owner, id)) end
return {'DONE'}
`,
  { writes: true },
);

/**
 * Takes a session out of the lists, unless it has moved on in the one where it was seen. Arguments: which of the keys that
 * is, the place at which it was seen, id, owner.
 */
export const removeScript: Script = script(
  `${indexLua}
local seenIn, seenAt, id, owner = unpack(ARGV)
local placedAt = tonumber(redis.call('ZSCORE', KEYS[tonumber(seenIn)], id))
if placedAt and placedAt > tonumber(seenAt) then return {'DONE'} end
remove(KEYS[1], KEYS[2], id)
if KEYS[3] then redis.call('ZREM', KEYS[3], expiringMember(owner, id)) end
return {'DONE'}
`,
  { writes: true },
);

/**
 * The next of a set, newest first. Key: the set. Arguments: how many, and where the last page ended. Answers the ids at
 * that very place, then ids and places behind it.
 */
export const pageScript: Script = script(
  `${masterLua}
local count, place = unpack(ARGV)
if place == '' then return answer({'DONE', {}, redis.call('ZREVRANGE', KEYS[1], 0, count - 1, 'WITHSCORES')}) end
return answer({
  'DONE',
  redis.call('ZREVRANGEBYSCORE', KEYS[1], place, place),
  redis.call('ZREVRANGEBYSCORE', KEYS[1], '(' .. place, '-inf', 'WITHSCORES', 'LIMIT', 0, count),
})
`,
  { writes: false },
);
