import type { OpenTurn, SessionWrite, ThreadChange } from '@sess/core/store';

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
  const isActivity = state !== undefined || metadata !== undefined || Object.keys(threads).length > 0;
  return [
    ...[flag(listsHere), sessionId, clock, ttl === undefined ? '' : String(ttl)],
    ...[changeId, write.kind, life ?? '', owner],
    ...[flag(isActivity || write.kind === 'save'), flag(write.kind === 'save' && write.data.metadata === undefined)],
    ...stateArguments(state),
    ...counted(threads, threadArguments),
    ...counted(holds, (turn) => [turn]),
    ...counted(metadata ?? {}, (value) => [value === null ? '' : JSON.stringify(value)]),
  ];
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

function stateArguments(state: Change['state']): string[] {
  if (state === undefined) return ['', '', ''];
  const base = state.base ?? '';
  return state.value === undefined ? ['clear', base, ''] : ['set', base, JSON.stringify(state.value)];
}

function threadArguments({ base, keep, append, turn }: ThreadChange): string[] {
  return [
    ...[base ?? '', String(keep)],
    ...turnArguments(turn),
    String(append.length),
    ...append.map((message) => JSON.stringify(message)),
  ];
}

function turnArguments(turn: OpenTurn | null | undefined): string[] {
  if (turn === undefined) return [''];
  if (turn === null) return ['close'];
  return ['open', turn.id, String(turn.at), String(turn.leaseMs), String(turn.beat)];
}

/** How many there are, then each with its name. */
function counted<T>(record: Readonly<Record<string, T>>, argumentsOf: (value: T) => string[]): string[] {
  const entries = Object.entries(record);
  return [String(entries.length), ...entries.flatMap(([name, value]) => [name, ...argumentsOf(value)])];
}

function flag(is: boolean): string {
  return is ? '1' : '';
}
