import type { FullSessionStore } from '@sess/core/store';
import type { OpenedStore } from './target.ts';

/** Ends the use of a store, in the way that its target offers. */
export async function closeOpened({ close, store }: OpenedStore): Promise<void> {
  if (close !== undefined) await close();
  else await (store as Partial<FullSessionStore>).close?.();
}
