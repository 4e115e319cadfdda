import { mkdirSync, readdirSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FileStore } from '@sess/store-file';
import { append, message, rejection, textsOf } from '@sess/store-tests/session';
import { describe, expect, test } from 'vitest';
import { countBytes } from './support/count-bytes.ts';
import { journalPath, journalPaths, testFolder } from './support/folder.ts';
import { openStore } from './support/open-store.ts';

const IDS = [
  ...['a', 'A', 'con', 'CON', 'Con', 'nul', 'com1', 'lpt9', 'con.txt', 'aux', '.', '..', '../x', '../../etc/passwd'],
  ...[
    '/etc/passwd',
    'a/b',
    'a\\b',
    'a:b',
    'a b',
    'a ',
    'a.',
    '*',
    '?',
    '{x}',
    '$gt',
    '__proto__',
    'constructor',
    '%61',
  ],
  ...['\u00e9', 'e\u0301', '\u00c9', '\u0130', 'i\u0307', '\u0000', '\n', '~', '.tmp-x', '-rf', '#', 'ß', 'ss'],
  ...[
    'x'.repeat(512),
    `${'x'.repeat(511)}y`,
    'X'.repeat(512),
    '\u00e9'.repeat(256),
    '\u0001'.repeat(512),
    '😀'.repeat(128),
  ],
];

test('hostile ids are ordinary: apart on every file system, and inside of the folder', async () => {
  const parent = testFolder();
  const folder = join(parent, 'sessions');
  const store = openStore({ folder });
  for (const id of IDS) await append(store, id, [message(`<${id}>`)]);
  const reader = openStore({ folder });
  for (const id of IDS) expect(textsOf(await reader.get(id)), JSON.stringify(id)).toEqual([`<${id}>`]);
  expect(readdirSync(parent)).toEqual(['sessions']);

  const names = readdirSync(folder);
  expect(new Set(names.map((name) => name.normalize('NFKC').toLowerCase())).size).toBe(IDS.length);
  for (const name of names) {
    expect(name).toMatch(/^[a-z0-9_%~-]{1,120}$/);
    expect(name).not.toMatch(/^(con|prn|aux|nul|com\d|lpt\d)$/);
  }
  const { sessions, unreadable } = await reader.list({ limit: 1000 });
  expect(sessions.map(({ id }) => id).sort()).toEqual([...IDS].sort());
  expect(unreadable).toBeUndefined();
  for (const id of IDS) expect(await store.delete(id)).toBe(true);
});

test('an ordinary id is the name of its folder', async () => {
  const folder = testFolder();
  await openStore({ folder }).save('user-42_chat', {});
  expect(readdirSync(folder)).toEqual(['user-42_chat']);
});

test('only this user may look into what is made', async () => {
  const folder = join(testFolder(), 'deep', 'sessions');
  await openStore({ folder }).save('a', {});
  const mode = (path: string) => statSync(path).mode & 0o777;
  expect(mode(folder)).toBe(0o700);
  expect(mode(join(folder, 'a'))).toBe(0o700);
  expect(mode(journalPath(folder))).toBe(0o600);
});

test('a copy of a session under another name is unreadable, not a second session', async () => {
  const folder = testFolder();
  const store = openStore({ folder });
  await append(store, 'a', [message('one')]);
  mkdirSync(join(folder, 'b'));
  symlinkSync(journalPath(folder), join(folder, 'b', journalPath(folder).split('/').at(-1) as string));
  expect(await rejection(store.get('b'))).toMatchObject({ code: 'CORRUPT', sessionId: 'b' });
  const page = await store.list();
  expect(page.sessions.map(({ id }) => id)).toEqual(['a']);
  expect(page.unreadable).toMatchObject([{ id: 'a', error: { code: 'CORRUPT' } }]);
});

test('what else is in the folder is left alone', async () => {
  const folder = testFolder();
  writeFileSync(join(folder, '.gitignore'), '*');
  writeFileSync(join(folder, 'README'), 'mine');
  const store = openStore({ folder });
  await append(store, 'a', [message('one')]);
  expect((await store.list()).sessions).toHaveLength(1);
  await store.sweep();
  expect(readdirSync(folder).sort()).toEqual(['.gitignore', 'README', 'a']);
});

test('a session whose folder was removed or put back is seen so by who had it open', async () => {
  const folder = testFolder();
  const store = openStore({ folder });
  await append(store, 'a', [message('one')]);
  renameSync(join(folder, 'a'), join(folder, '.aside'));
  const other = openStore({ folder });
  expect(await other.get('a')).toBeUndefined();
  renameSync(join(folder, '.aside'), join(folder, 'a'));
  expect(textsOf(await other.get('a'))).toEqual(['one']);
  rmSync(join(folder, 'a'), { recursive: true });
  expect(await store.get('a')).toBeUndefined();
  await append(store, 'a', [message('new')]);
  expect(textsOf(await openStore({ folder }).get('a'))).toEqual(['new']);
});

test('files open at once are bounded, and one that is not open is found again', async () => {
  const folder = testFolder();
  const store = openStore({ folder, fsync: 'never', maxOpenFiles: 4 });
  const ids = Array.from({ length: 60 }, (_, index) => `s${index}`);
  const openJournals = () =>
    readdirSync('/proc/self/fd', { withFileTypes: true }).filter(({ name }) => {
      try {
        return statSync(`/proc/self/fd/${name}`).isFile() && journalInodes().has(statSync(`/proc/self/fd/${name}`).ino);
      } catch {
        return false;
      }
    }).length;
  const journalInodes = () => new Set(journalPaths(folder).map((path) => statSync(path).ino));
  await Promise.all(ids.map((id) => append(store, id, [message(id)])));
  expect(openJournals()).toBeLessThanOrEqual(4);
  const records = await Promise.all(ids.map((id) => store.get(id)));
  expect(records.map((record) => textsOf(record)[0])).toEqual(ids);
  expect(openJournals()).toBeLessThanOrEqual(4);
  await store.close();
  expect(openJournals()).toBe(0);
});

test('a thousand sessions are paged in order, with one that cannot be read among them', async () => {
  const folder = testFolder();
  let now = 1_800_000_000_000;
  const store = openStore({ folder, fsync: 'never', clock: () => now++ });
  const ids = Array.from({ length: 1000 }, (_, index) => `s${index}`);
  for (const id of ids) await store.save(id, { threads: { main: [message(id)] } });
  writeFileSync(journalPath(folder, 's500'), '');
  const found: string[] = [];
  const unreadable: { error: Error }[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.list({ limit: 300, orderBy: 'createdAt', ...(cursor && { cursor }) });
    found.push(...page.sessions.map(({ id }) => id));
    unreadable.push(...(page.unreadable ?? []));
    cursor = page.cursor;
  } while (cursor);
  expect(found).toEqual(ids.filter((id) => id !== 's500').reverse());
  expect(unreadable).toMatchObject([{ error: { code: 'CORRUPT', message: expect.stringContaining('s500') } }]);
});

describe('a listing that is gone on with', () => {
  test('looks at its own sessions only, not at all of them again', async () => {
    const folder = testFolder();
    const store = openStore({ folder, fsync: 'never' });
    for (let index = 0; index < 100; index++) await store.save(`s${index}`, { threads: { main: [message('hi')] } });
    const bytes = await countBytes();
    let { cursor } = await store.list({ limit: 10 });
    const first = bytes.read;
    bytes.reset();
    let count = 10;
    while (cursor !== undefined) {
      const page = await store.list({ limit: 10, cursor });
      count += page.sessions.length;
      cursor = page.cursor;
    }
    expect(count).toBe(100);
    expect(first).toBeGreaterThan(0);
    expect(bytes.read).toBeLessThanOrEqual(first);
  });

  test('passes over what has gone or moved meanwhile, tells of what cannot be read, and fills its page', async () => {
    const folder = testFolder();
    let now = 1_800_000_000_000;
    const [store, other] = [1, 2].map(() => openStore({ folder, fsync: 'never', clock: () => now++ })) as [
      FileStore,
      FileStore,
    ];
    for (let index = 0; index < 20; index++) await store.save(`s${index}`, { threads: { main: [message('hi')] } });
    const { cursor = '' } = await store.list({ limit: 5 }); // 19 to 15
    await other.delete('s14');
    await append(other, 's13', [message('moves')]);
    await store.delete('s12');
    await other.save('s12', {}); // another one
    writeFileSync(journalPath(folder, 's11'), '');
    const page = await store.list({ limit: 5, cursor });
    expect(page.sessions.map(({ id }) => id)).toEqual(['s10', 's9', 's8', 's7', 's6']);
    expect(page.unreadable).toMatchObject([{ error: { code: 'CORRUPT' } }]);

    const again = await other.list({ limit: 5, cursor }); // a process that has not begun the listing
    expect(again.sessions).toEqual(page.sessions);
    const moved = await store.list({ limit: 2 });
    expect(moved.sessions.map(({ id }) => id)).toEqual(['s12', 's13']);
  });

  test('may be one of many that are under way at once', async () => {
    const store = openStore({ folder: testFolder(), fsync: 'never' });
    const ids = Array.from({ length: 12 }, (_, index) => `s${index}`);
    for (const id of ids) await store.save(id, {});
    const pages = await Promise.all(ids.map((_, index) => store.list({ limit: index + 1 })));
    for (const { sessions, cursor } of pages) {
      const rest = cursor === undefined ? [] : (await store.list({ cursor })).sessions;
      expect([...sessions, ...rest].map(({ id }) => id).sort()).toEqual([...ids].sort());
    }
  });
});

test.each([
  { folder: '' },
  { folder: 7 as never },
  { folder: 'x', fsync: 'sometimes' as never },
  { folder: 'x', maxOpenFiles: 0 },
  { folder: 'x', ttl: -1 },
])('options that make no sense are refused: %o', (options) => {
  expect(() => openStore(options)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
});
