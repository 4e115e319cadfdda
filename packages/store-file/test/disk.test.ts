import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileStore } from '@sess/store-file';
import { append, appending, message, rejection, settingState, textsOf } from '@sess/store-tests/session';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { fileMethods } from './support/count-bytes.ts';
import { journalPath, testFolder } from './support/folder.ts';
import { openStore } from './support/open-store.ts';

/** Mounts a small file system for one test; undefined where this user may not. */
function smallDisk(size: string): string | undefined {
  const folder = testFolder();
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder]).status !== 0) return undefined;
  onTestFinished(() => {
    execFileSync('umount', ['--lazy', folder]);
  });
  return folder;
}

describe('a full disk', () => {
  test('loses nothing that was acknowledged, says what to do, and writing goes on when there is room', async ({
    skip,
  }) => {
    const folder = smallDisk('256k');
    if (folder === undefined)
      return skip('this user may not mount a file system; the limit on file sizes is tested below');
    const store = openStore({ folder: join(folder, 'sessions') });
    const ballast = join(folder, 'ballast');
    writeFileSync(ballast, Buffer.alloc(100_000));
    await append(store, 'other', [message('untouched')]);
    const acknowledged: string[] = [];
    const fill = async () => {
      for (let count = 0; count < 1000; count++) {
        const text = `m${acknowledged.length}`;
        await append(store, 'a', [message(text, 3000)]);
        acknowledged.push(text);
      }
    };
    const error = await rejection(fill());
    expect(error).toMatchObject({ code: 'STORE_FAILED', sessionId: 'a', retryable: true });
    expect(error.outcome).toBeUndefined();
    expect(error.message).toContain('ENOSPC');
    expect(error.message).toContain('free some space');
    expect(error.message).toContain(folder);
    expect(acknowledged.length).toBeGreaterThan(5);

    for (const reader of [store, openStore({ folder: join(folder, 'sessions') })]) {
      expect(textsOf(await reader.get('a'))).toEqual(acknowledged);
      expect(textsOf(await reader.get('other'))).toEqual(['untouched']);
      expect((await reader.list()).sessions).toHaveLength(2);
    }
    expect(await rejection(append(store, 'new', [message('n', 3000)]))).toMatchObject({
      code: 'STORE_FAILED',
      sessionId: 'new',
    });
    expect(readdirSync(join(folder, 'sessions')).sort()).toEqual(['a', 'other']);

    writeFileSync(ballast, '');
    await append(store, 'a', [message('room again', 3000)]);
    expect(textsOf(await openStore({ folder: join(folder, 'sessions') }).get('a'))).toEqual([
      ...acknowledged,
      'room again',
    ]);
  });

  test('a file that may not grow is the same, and the torn line is skipped', () => {
    const folder = testFolder();
    const script = new URL('./support/limited-writer.ts', import.meta.url).pathname;
    // The shell counts in units of 1,024 bytes, some in 512.
    const { status, stdout, stderr } = spawnSync(
      'sh',
      ['-c', `ulimit -f 40; exec "$0" "$1" "$2"`, process.execPath, script, folder],
      {
        encoding: 'utf8',
      },
    );
    expect(stderr).toBe('');
    expect(status).toBe(0);
    const { acknowledged, error } = JSON.parse(stdout);
    expect(error).toMatchObject({ code: 'STORE_FAILED', sessionId: 'a' });
    expect(error.outcome).toBeUndefined();
    expect(acknowledged.length).toBeGreaterThan(3);
    expect(statSync(journalPath(folder)).size % 512).toBe(0); // the last line is torn
    return expect(goOn(folder)).resolves.toEqual([...acknowledged, 'room again']);
  });

  async function goOn(folder: string): Promise<string[]> {
    const store = openStore({ folder });
    await append(store, 'a', [message('room again')]);
    return textsOf(await openStore({ folder }).get('a'));
  }

  test('a journal is not sealed for compaction where a successor would not fit', async ({ skip }) => {
    const folder = smallDisk('4m');
    if (folder === undefined) return skip('this user may not mount a file system');
    const store = openStore({ folder: join(folder, 'sessions') });
    for (let round = 0; round < 3; round++) {
      await store.commit('a', settingState(await store.get('a'), `${round}`.padEnd(900_000, '.')));
      if (round === 0) writeFileSync(join(folder, 'ballast'), Buffer.alloc(1_000_000));
    }
    await append(store, 'a', [message('still writable')]);
    expect(textsOf(await store.get('a'))).toEqual(['still writable']);
  });
});

describe('a folder that cannot be written', () => {
  test('is read, and refuses to write with what to do', async ({ skip }) => {
    const folder = smallDisk('1m');
    if (folder === undefined) return skip('this user may not mount a file system');
    const sessions = join(folder, 'sessions');
    const writer = openStore({ folder: sessions });
    await append(writer, 'a', [message('one')]);
    await writer.close();
    execFileSync('mount', ['-o', 'remount,ro', folder]);
    const store = openStore({ folder: sessions });
    const record = await store.get('a');
    expect(textsOf(record)).toEqual(['one']);
    expect((await store.list()).sessions).toHaveLength(1);
    expect(await store.get('b')).toBeUndefined();
    for (const failing of [
      () => store.commit('a', appending(record, [message('two')])),
      () => store.delete('a'),
      () => store.save('a', {}),
      () => store.save('b', {}),
    ]) {
      const error = await rejection(failing());
      expect(error).toMatchObject({ code: 'STORE_FAILED', retryable: false });
      expect(error.outcome).toBeUndefined();
      expect(error.message).toMatch(/session "[ab]" failed|of session "[ab]"/);
      expect(error.message).toContain('EROFS');
      expect(error.message).toContain('read-only');
      expect(error.message).toContain(sessions);
    }
    execFileSync('mount', ['-o', 'remount,rw', folder]);
    await append(store, 'a', [message('two')]);
    expect(textsOf(await store.get('a'))).toEqual(['one', 'two']);
  });

  test('a file in place of the folder is said, not taken for no sessions', async () => {
    const folder = join(testFolder(), 'sessions');
    writeFileSync(folder, '');
    const store = openStore({ folder });
    for (const failing of [() => store.get('a'), () => store.save('a', {}), () => store.list(), () => store.sweep()]) {
      const error = await rejection(failing());
      expect(error).toMatchObject({ code: 'STORE_FAILED' });
      expect(error.message).toContain('ENOTDIR');
      expect(error.message).toContain(folder);
    }
  });

  test('a folder that holds something else does not hang', async () => {
    const folder = testFolder();
    mkdirSync(join(folder, 'a'));
    writeFileSync(join(folder, 'a', 'notes.txt'), 'mine');
    const store = openStore({ folder });
    expect(await store.get('a')).toBeUndefined();
    expect((await store.list()).sessions).toEqual([]);
    expect(await rejection(store.save('a', {}))).toMatchObject({ code: 'STORE_FAILED', sessionId: 'a' });
    expect(readdirSync(join(folder, 'a'))).toEqual(['notes.txt']);
  });
});

describe('a disk that fails', () => {
  test('a sync that fails leaves the outcome unknown, and the descriptor is not used again', async () => {
    const folder = testFolder();
    const store = openStore({ folder });
    await append(store, 'a', [message('one')]);
    const record = await store.get('a');
    const methods = await fileMethods();
    const used: unknown[] = [];
    const sync = vi.spyOn(methods, 'datasync').mockImplementation(async function (this: unknown) {
      used.push(this);
      throw Object.assign(new Error('a fault'), { code: 'EIO' });
    });
    const change = appending(record, [message('two')]);
    const error = await rejection(store.commit('a', change));
    expect(error).toMatchObject({ code: 'STORE_FAILED', sessionId: 'a', outcome: 'unknown' });
    expect(error.message).toContain('not known');
    expect(error.message).toContain(folder);
    sync.mockRestore();
    const original = methods.write;
    vi.spyOn(methods, 'write').mockImplementation(function (this: unknown, ...parameters) {
      expect(used).not.toContain(this);
      return original.apply(this, parameters);
    });
    await store.commit('a', { ...change, retry: true });
    expect(textsOf(await store.get('a'))).toEqual(['one', 'two']);
  });

  test('a fault while tidying up does not fail the change, nor is the descriptor used again', async () => {
    const folder = testFolder();
    const store = openStore({ folder });
    const methods = await fileMethods();
    const { datasync, write } = methods;
    const sealed = new Set<unknown>();
    vi.spyOn(methods, 'write').mockImplementation(async function (this: unknown, ...parameters) {
      expect(sealed).not.toContain(this);
      if (String(parameters[0]).startsWith('\n{"seal"')) sealed.add(this);
      return write.apply(this, parameters);
    });
    vi.spyOn(methods, 'datasync').mockImplementation(async function (this: unknown) {
      if (sealed.has(this)) throw Object.assign(new Error('a fault'), { code: 'EIO' });
      return datasync.apply(this, []);
    });
    for (let round = 0; round < 5; round++) {
      await store.commit('a', settingState(await store.get('a'), `${round}`.padEnd(500_000, '.')));
    }
    expect(sealed.size).toBeGreaterThan(0);
    expect((await openStore({ folder }).get('a'))?.changes).toBe(5);
  });

  test('a write that fails and left nothing is known not to be applied', async () => {
    const folder = testFolder();
    const store = openStore({ folder });
    await append(store, 'a', [message('one')]);
    const record = await store.get('a');
    const write = vi
      .spyOn(await fileMethods(), 'write')
      .mockRejectedValue(Object.assign(new Error('a fault'), { code: 'EIO' }));
    const error = await rejection(store.commit('a', appending(record, [message('two')])));
    expect(error).toMatchObject({ code: 'STORE_FAILED', sessionId: 'a' });
    expect(error.outcome).toBeUndefined();
    write.mockRestore();
    expect(textsOf(await store.get('a'))).toEqual(['one']);
  });

  test("'always' syncs the file with every change, and its folders when it appears; 'never' does not", async () => {
    const methods = await fileMethods();
    const datasync = vi.spyOn(methods, 'datasync');
    const sync = vi.spyOn(methods, 'sync');
    const folder = testFolder();
    const careful = fileStore({ folder });
    await append(careful, 'a', [message('one')]);
    expect([datasync, sync].map((spy) => spy.mock.calls.length)).toEqual([1, 2]);
    await append(careful, 'a', [message('two')]);
    expect([datasync, sync].map((spy) => spy.mock.calls.length)).toEqual([2, 2]);
    await careful.close();
    const careless = fileStore({ folder, fsync: 'never' });
    await append(careless, 'b', [message('one')]);
    await append(careless, 'b', [message('two')]);
    expect([datasync, sync].map((spy) => spy.mock.calls.length)).toEqual([2, 2]);
    await careless.close();
  });

  test('writes that are asked for at the same time share a sync', async () => {
    const store = openStore({ folder: testFolder() });
    await append(store, 'a', [message('one')]);
    const record = await store.get('a');
    const datasync = vi.spyOn(await fileMethods(), 'datasync');
    const threads = Array.from({ length: 20 }, (_, index) => `thread ${index}`);
    await Promise.all(threads.map((thread) => store.commit('a', appending(record, [message(thread)], thread))));
    expect(datasync.mock.calls.length).toBeLessThan(5);
    expect(Object.keys((await store.get('a'))?.lengths ?? {})).toEqual(['main', ...threads]);
  });
});
