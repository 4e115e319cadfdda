import { mkdir } from 'node:fs/promises';
import { fileTarget } from '../fixtures/file-target.ts';
import { LockedFileStore } from '../fixtures/locked-file-store.ts';

/** What is under way in this process, by session: the only lock there is. */
const underWay = new Map<string, Promise<unknown>>();

/** Locks out the other instances of its own process, and no other process. */
class ProcessLockStore extends LockedFileStore {
  protected override async locked<T>(sessionId: string, operation: () => Promise<T>): Promise<T> {
    await mkdir(this.folder, { recursive: true });
    const key = `${this.folder} ${sessionId}`;
    const result = Promise.resolve(underWay.get(key)).then(operation, operation);
    underWay.set(key, result);
    return result;
  }
}

export default fileTarget('no lock', (folder, options) => new ProcessLockStore(folder, options));
