import { type FileStore, type FileStoreOptions, fileStore } from '@sess/store-file';
import { onTestFinished } from 'vitest';

/** A file store for one test, closed after it. It sweeps only when told to. */
export function openStore(options: FileStoreOptions): FileStore {
  const store = fileStore({ sweepIntervalMs: false, ...options });
  onTestFinished(() => store.close());
  return store;
}
