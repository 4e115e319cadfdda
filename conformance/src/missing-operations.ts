import { type FullSessionStore, SessError } from '@sess/core/store';
import { closeOpened } from './close-opened.ts';
import type { OpenedStore } from './target.ts';

/** Operations of a full store that it claims to have, and that answer UNSUPPORTED: they are still to be written. */
export interface MissingOperation {
  /** `['save', 'commit', 'delete']`: one hook of an adapter may stand behind several. */
  readonly operations: readonly StoreOperation[];
  /** What the store says of it. */
  readonly message: string;
}

/** What a full store does. */
export type StoreOperation = 'get' | 'save' | 'commit' | 'delete' | 'list' | 'close';

/** Asks for each operation once, closes the store, and resolves to what is missing. Other failures are for the cases. */
export async function missingOperations(opened: OpenedStore): Promise<MissingOperation[]> {
  const store = opened.store as FullSessionStore;
  const { list } = store.supports;
  const orderBy = list ? list.orders?.[0] : undefined;
  const calls: [StoreOperation, () => Promise<unknown>][] = [
    ['get', () => store.get('probe')],
    ['save', () => store.save('probe', { threads: {} })],
    ['commit', () => store.commit('other', { changeId: 'probe', life: null })],
    ['delete', () => store.delete('probe')],
    ['list', async () => orderBy && store.list({ owner: 'probe', orderBy })],
  ];
  // At once, so that a server that is not there is waited for once.
  const outcomes = await Promise.allSettled(calls.map(async ([, call]) => call()));
  outcomes.push(...(await Promise.allSettled([closeOpened(opened)])));

  const operationsOf = new Map<string, StoreOperation[]>();
  for (const [index, outcome] of outcomes.entries()) {
    if (outcome.status === 'fulfilled' || !SessError.is(outcome.reason, 'UNSUPPORTED')) continue;
    const operation = calls[index]?.[0] ?? 'close';
    const { message } = outcome.reason;
    operationsOf.set(message, [...(operationsOf.get(message) ?? []), operation]);
  }
  return [...operationsOf].map(([message, operations]) => ({ operations, message }));
}
