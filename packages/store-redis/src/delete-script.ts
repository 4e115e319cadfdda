import { TOMBSTONE_MS } from '@sess/core/store';
import { indexLua } from './index-lua.ts';
import { type Script, script } from './script.ts';
import { recentFields, sessionLua } from './session-lua.ts';

/**
 * Removes a session and leaves a tombstone for an hour. Arguments: 1 where the lists are changed here too, the id, the
 * clock's time, and an id of this very deletion, by which its repetition is recognised.
 *
 * Answers `DONE`, whether there was a session, its owner and its updatedAt.
 */
export const deleteScript: Script = script(
  `${sessionLua}${indexLua}
local listsHere, id, clock, deletion = unpack(ARGV)
local found = redis.call('HMGET', key, 'life', 'expiresAt', 'owner', 'updatedAt', 'deletedBy')
local life, expiresAt, owner, updatedAt, deletedBy = unpack(found)
if not isLive(life, expiresAt, present(clock)) then
  return answer({'DONE', deletedBy == deletion and '1' or '0'})
end

local tombstone = {'deleted', life, 'deletedBy', deletion}
for slot, changeId in ipairs(redis.call('HMGET', key, ${recentFields})) do
  if changeId then
    tombstone[#tombstone + 1] = 'recent:' .. (slot - 1)
    tombstone[#tombstone + 1] = changeId
  end
end
redis.call('UNLINK', key)
redis.call('HSET', key, unpack(tombstone))
redis.call('PEXPIRE', key, ${TOMBSTONE_MS})

owner = owner or ''
if listsHere == '1' then
  local prefix = string.sub(key, 1, #key - #id - 2)
  remove(prefix .. '{list}:updatedAt', prefix .. '{list}:createdAt', id)
  redis.pcall('ZREM', prefix .. '{list}:expiring', expiringMember(owner, id))
  if owner ~= '' then
    local sets = prefix .. '{owner:' .. owner .. '}:'
    remove(sets .. 'updatedAt', sets .. 'createdAt', id)
  end
end
return {'DONE', '1', owner, updatedAt}
`,
  { writes: true },
);
