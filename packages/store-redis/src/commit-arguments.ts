import { own, type SessionWrite, type ThreadChange } from '@sess/core/store';

export interface WriteSettings {
  readonly sessionId: string;
  /** Whether the script changes the lists too. */
  readonly listsHere: boolean;
  /** The time by the store's own clock, or none: the server's. */
  readonly clock: string;
  readonly ttl: number | undefined;
}

/** What the script of a commit or a save is called with; it takes these one by one, in this order. */
export function commitArguments(
  write: Exclude<SessionWrite, { kind: 'delete' }>,
  { sessionId, listsHere, clock, ttl }: WriteSettings,
): string[] {
  const change = write.kind === 'commit' ? write.change : changeOfSave(write);
  const { changeId, life, owner = '', state, threads = {}, holds = {}, metadata } = change;
  const args = [listsHere ? '1' : '', sessionId, clock, ttl === undefined ? '' : String(ttl), changeId, write.kind];
  args.push(life ?? '', owner);
  addState(args, state);
  const held = Object.entries(holds).filter(([name]) => !Object.hasOwn(threads, name));
  args.push(String(Object.keys(threads).length + held.length));
  for (const [name, thread] of Object.entries(threads)) addThread(args, name, own(holds, name) ?? '', thread);
  for (const [name, turn] of held) args.push(name, turn, 'beat', '', '0', '0');
  args.push(metadata === undefined ? '' : String(Object.keys(metadata).length));
  for (const [name, value] of Object.entries(metadata ?? {}))
    args.push(name, value === null ? '' : JSON.stringify(value));
  return args;
}

type Change = Extract<SessionWrite, { kind: 'commit' }>['change'];

/** A save is a change of a session that was emptied before. */
function changeOfSave({ changeId, data }: Extract<SessionWrite, { kind: 'save' }>): Change {
  const threads = Object.entries(data.threads).map(([name, append]) => [name, { base: null, keep: 0, append }]);
  return {
    changeId,
    life: null,
    threads: Object.fromEntries(threads) as Record<string, ThreadChange>,
    ...(data.state !== undefined && { state: { base: null, value: data.state } }),
    ...(data.metadata !== undefined && { metadata: data.metadata }),
  };
}

function addState(args: string[], state: Change['state']): void {
  if (state === undefined) args.push('', '', '');
  else if (state.value === undefined) args.push('clear', state.base ?? '', '');
  else args.push('set', state.base ?? '', JSON.stringify(state.value));
}

function addThread(args: string[], name: string, held: string, { base, keep, append, turn }: ThreadChange): void {
  const action = turn === undefined ? 'write' : turn === null ? 'close' : 'open';
  args.push(name, held, action, base ?? '', String(keep), String(append.length));
  if (turn) args.push(turn.id, String(turn.at), String(turn.leaseMs), String(turn.beat));
  for (const message of append) args.push(JSON.stringify(message));
}
