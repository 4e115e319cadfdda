import { readdirSync, readlinkSync, statSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { append, appending, message, rejection } from '@sess/store-tests/session';
import { describe, expect, test, vi } from 'vitest';
import { fileMethods } from './support/count-bytes.ts';
import { journalPath, testFolder } from './support/folder.ts';
import { openStore } from './support/open-store.ts';

/** What was synced so far: of a file its bytes, of a folder the names in it, each by its inode. */
async function recordSyncs() {
  const methods = await fileMethods();
  const synced = new Map<number, number | string[]>();
  const paths: string[] = [];
  for (const name of ['sync', 'datasync'] as const) {
    const original = methods[name];
    vi.spyOn(methods, name).mockImplementation(async function (this: FileHandle) {
      const found = await this.stat();
      const path = readlinkSync(`/proc/self/fd/${this.fd}`);
      const content = found.isDirectory() ? readdirSync(path) : found.size;
      await original.call(this);
      paths.push(path);
      synced.set(found.ino, content);
    });
  }
  return {
    paths,
    bytesOf: (path: string) => synced.get(statSync(path).ino),
    hasName: (path: string) => [synced.get(statSync(dirname(path)).ino)].flat().includes(path.split('/').at(-1)),
  };
}

describe.runIf(process.platform === 'linux')('before a change is acknowledged', () => {
  test('its bytes are synced, and the name of each folder that was made for it', async () => {
    const syncs = await recordSyncs();
    const parent = testFolder();
    const folder = join(parent, 'one/two/three');
    const store = openStore({ folder });
    for (let change = 1; change <= 3; change++) {
      await append(store, 'a', [message(`m${change}`)]);
      const path = journalPath(folder);
      expect(syncs.bytesOf(path)).toBe(statSync(path).size);
      for (const name of ['one', 'one/two', 'one/two/three', 'one/two/three/a']) {
        expect(syncs.hasName(join(parent, name)), name).toBe(true);
      }
      expect(syncs.hasName(path)).toBe(true);
    }
  });

  test('the name of its session is synced, also where another process made the session and died', async () => {
    const folder = testFolder();
    const unsafe = openStore({ folder, fsync: 'never' });
    await append(unsafe, 'a', [message('m1')]); // as one that is killed before its sync
    const syncs = await recordSyncs();
    const store = openStore({ folder });
    await append(store, 'a', [message('m2')]);
    expect(syncs.hasName(join(folder, 'a'))).toBe(true);
    syncs.paths.length = 0;
    await append(store, 'a', [message('m3')]);
    expect(syncs.paths).toEqual([journalPath(folder)]);
  });

  test('the name of its session is synced, also by the repetition of one whose sync has failed', async () => {
    const folder = testFolder();
    await append(openStore({ folder }), 'other', [message('m1')]);
    const store = openStore({ folder });
    const methods = await fileMethods();
    const { sync } = methods;
    const failing = vi.spyOn(methods, 'sync').mockImplementation(async function (this: FileHandle) {
      if (readlinkSync(`/proc/self/fd/${this.fd}`) === folder) throw Object.assign(new Error('EIO'), { code: 'EIO' });
      await sync.call(this);
    });
    const creation = appending(undefined, [message('m1')]);
    expect(await rejection(store.commit('a', creation))).toMatchObject({ code: 'STORE_FAILED', outcome: 'unknown' });
    expect(await rejection(store.commit('a', { ...creation, retry: true }))).toMatchObject({ outcome: 'unknown' });
    failing.mockRestore();
    const syncs = await recordSyncs();
    await store.commit('a', { ...creation, retry: true });
    expect(syncs.hasName(join(folder, 'a'))).toBe(true);
  });

  test('nothing is synced with fsync: never', async () => {
    const syncs = await recordSyncs();
    const store = openStore({ folder: join(testFolder(), 'sessions'), fsync: 'never' });
    for (let change = 1; change <= 3; change++) await append(store, 'a', [message(`m${change}`)]);
    expect(syncs.paths).toEqual([]);
  });
});
