import { appendFileSync, copyFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { SessError } from '@sess/core/store';
import { append, appending, message, rejection, settingState, textsOf } from '@sess/store-tests/session';
import { describe, expect, test } from 'vitest';
import { journalPath, testFolder } from './support/folder.ts';
import { openStore } from './support/open-store.ts';

const TEXTS = ['one', 'two', 'three', 'four'];

/** A session of four messages and a state, and one more session that must never suffer. */
async function twoSessions(): Promise<{ folder: string; path: string; lines: { start: number; end: number }[] }> {
  const folder = testFolder();
  const store = openStore({ folder });
  for (const text of TEXTS) await append(store, 'hurt', [message(text)]);
  await store.commit('hurt', settingState(await store.get('hurt'), { kept: true }));
  await append(store, 'other', [message('untouched')]);
  await store.close();
  const path = journalPath(folder, 'hurt');
  const lines: { start: number; end: number }[] = [];
  let start = 0;
  for (const line of readFileSync(path, 'latin1').split('\n')) {
    if (line !== '') lines.push({ start, end: start + line.length });
    start += line.length + 1;
  }
  return { folder, path, lines };
}

async function expectCorrupt(folder: string, path: string): Promise<void> {
  const store = openStore({ folder });
  for (const failing of [
    () => store.get('hurt'),
    () => store.get('hurt', { last: 1 }),
    () => store.commit('hurt', appending(undefined, [message('new')])),
    () => store.save('hurt', {}),
    () => store.delete('hurt'),
  ]) {
    const error = await rejection(failing());
    expect(error).toMatchObject({ code: 'CORRUPT', sessionId: 'hurt', store: 'FileStore' });
    expect(error.message).toContain('"hurt"');
    expect(error.message).toContain(path);
    expect(error.message).toContain('backup');
  }
  expect(textsOf(await store.get('other'))).toEqual(['untouched']);
  const page = await store.list();
  expect(page.sessions.map(({ id }) => id)).toEqual(['other']);
  expect(page.unreadable).toMatchObject([{ error: { code: 'CORRUPT' } }]);
  expect(await store.sweep()).toEqual({ removed: 0 });
  await store.close();
}

test('a file that is empty is no absent session', async () => {
  const { folder, path } = await twoSessions();
  writeFileSync(path, '');
  await expectCorrupt(folder, path);
});

test.each(['garbled', '\ngarbled\n', '\n{}#99999999\n', '\0'.repeat(5000), '\n'.repeat(5000)])(
  'a file of garbage is no absent session',
  async (content) => {
    const { folder, path } = await twoSessions();
    writeFileSync(path, content);
    await expectCorrupt(folder, path);
  },
);

test("a file with another session's first line is not read as this one's", async () => {
  const { folder, path } = await twoSessions();
  copyFileSync(journalPath(folder, 'other'), path);
  await expectCorrupt(folder, path);
});

test('a line that is missing in the middle is noticed, whichever it is', async () => {
  const { folder, path, lines } = await twoSessions();
  const whole = readFileSync(path);
  for (const { start, end } of lines.slice(1, -1)) {
    writeFileSync(path, Buffer.concat([whole.subarray(0, start - 1), whole.subarray(end + 1)]));
    await expectCorrupt(folder, path);
    writeFileSync(path, Buffer.concat([whole.subarray(0, start), Buffer.alloc(end - start, ' '), whole.subarray(end)]));
    await expectCorrupt(folder, path);
  }
});

test('bytes that are cut out of the middle are noticed, wherever they were', async () => {
  const { folder, path, lines } = await twoSessions();
  const whole = readFileSync(path);
  const lastStart = lines.at(-1)?.start ?? 0;
  for (let at = 1; at < lastStart - 40; at += 97) {
    writeFileSync(path, Buffer.concat([whole.subarray(0, at), whole.subarray(at + 37)]));
    await expectCorrupt(folder, path);
  }
});

describe('a byte that flips', () => {
  test.each([0x01, 0x20, 0x80, 0xff])(
    'is noticed or does no harm, at every place (mask %i)',
    { timeout: 60_000 },
    async (mask) => {
      const { folder, path } = await twoSessions();
      const whole = readFileSync(path);
      const expected = await openStore({ folder }).get('hurt');
      const outcomes = { corrupt: 0, complete: 0 };
      for (let at = 0; at < whole.length; at += mask === 0x01 ? 1 : 7) {
        const damaged = Buffer.from(whole);
        damaged[at] = (damaged[at] as number) ^ mask;
        writeFileSync(path, damaged);
        const store = openStore({ folder });
        const record = await store.get('hurt').catch((error) => error);
        if (SessError.is(record)) {
          expect(record).toMatchObject({ code: 'CORRUPT', sessionId: 'hurt' });
          outcomes.corrupt += 1;
        } else {
          expect(record, `byte ${at} of ${whole.length}`).toEqual(expected);
          outcomes.complete += 1;
        }
        await store.close();
      }
      expect(outcomes.corrupt).toBeGreaterThan(outcomes.complete);
    },
  );

  test('into a newline is noticed or does no harm, at every place', { timeout: 60_000 }, async () => {
    const { folder, path } = await twoSessions();
    const whole = readFileSync(path);
    const expected = await openStore({ folder }).get('hurt');
    for (let at = 0; at < whole.length; at++) {
      const damaged = Buffer.from(whole);
      damaged[at] = 0x0a;
      writeFileSync(path, damaged);
      const store = openStore({ folder });
      const record = await store.get('hurt').catch((error) => error);
      if (SessError.is(record)) expect(record).toMatchObject({ code: 'CORRUPT', sessionId: 'hurt' });
      else expect(record, `byte ${at} of ${whole.length}`).toEqual(expected);
      await store.close();
    }
  });

  test('in a long session is noticed by whoever reads what is there', { timeout: 60_000 }, async () => {
    const folder = testFolder();
    const writer = openStore({ folder, fsync: 'never' });
    for (let index = 0; index < 60; index++) await append(writer, 'hurt', [message(`m${index}`, 5000)]);
    await writer.close();
    const path = journalPath(folder);
    const whole = readFileSync(path);
    const expected = await openStore({ folder }).get('hurt');
    for (let at = 0; at < whole.length; at += 2003) {
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] as number) ^ 4;
      writeFileSync(path, damaged);
      for (const read of [{}, { last: 3 }]) {
        const store = openStore({ folder });
        const record = await store.get('hurt', read).catch((error) => error);
        if (SessError.is(record)) expect(record).toMatchObject({ code: 'CORRUPT', sessionId: 'hurt' });
        else expect(textsOf(record), `byte ${at}`).toEqual(textsOf(expected).slice(-(read.last ?? 60)));
        await store.close();
      }
    }
  });
});

test('a file that is cut at its end yields the acknowledged part before the cut, never part of a change', async () => {
  const { folder, path, lines } = await twoSessions();
  const whole = readFileSync(path);
  const headerEnd = lines[0]?.end ?? 0;
  for (let length = whole.length; length > 0; length -= 5) {
    writeFileSync(path, whole.subarray(0, length));
    const store = openStore({ folder });
    if (length < headerEnd) {
      expect(await rejection(store.get('hurt'))).toMatchObject({ code: 'CORRUPT' });
    } else {
      const complete = lines.filter(({ end }) => end <= length).length - 1;
      const record = await store.get('hurt');
      expect(record?.changes).toBe(complete === 0 ? undefined : complete);
      expect(textsOf(record)).toEqual(TEXTS.slice(0, complete));
    }
    await store.close();
  }
});

test('a store that has read what is then cut off says so, instead of going on with less', async () => {
  const { folder, path, lines } = await twoSessions();
  const store = openStore({ folder });
  const record = await store.get('hurt');
  truncateSync(path, lines.at(-1)?.start);
  expect(await rejection(store.get('hurt'))).toMatchObject({ code: 'CORRUPT', sessionId: 'hurt' });
  expect(await rejection(store.commit('hurt', appending(record, [message('more')])))).toMatchObject({
    code: 'CORRUPT',
  });
  expect(await rejection(store.get('hurt'))).toMatchObject({ code: 'CORRUPT' });
});

test('torn lines in between are skipped, and nothing is lost', async () => {
  const { folder, path } = await twoSessions();
  for (const torn of [
    '\n',
    '\n{"commit":{"changeId":"torn"',
    '\n{"commit":{"changeId":"torn","life":null},"now":1}#12',
  ]) {
    appendFileSync(path, torn);
    const [warm, cold] = [openStore({ folder }), openStore({ folder })];
    const before = textsOf(await warm.get('hurt'));
    await append(cold, 'hurt', [message(`after ${before.length}`)]);
    expect(textsOf(await warm.get('hurt'))).toEqual([...before, `after ${before.length}`]);
    expect(textsOf(await openStore({ folder }).get('hurt'))).toEqual([...before, `after ${before.length}`]);
  }
});

test('what a power cut leaves in place of a last line is skipped', async () => {
  const { folder, path } = await twoSessions();
  appendFileSync(path, `\n{"commit":{"changeId":"x"${'\0'.repeat(4096)}}#12345678\n`);
  const store = openStore({ folder });
  expect(textsOf(await store.get('hurt'))).toEqual(TEXTS);
  await append(store, 'hurt', [message('five')]);
  expect(textsOf(await openStore({ folder }).get('hurt'))).toEqual([...TEXTS, 'five']);
});

test('a session is readable again once its file is restored', async () => {
  const { folder, path } = await twoSessions();
  const whole = readFileSync(path);
  const store = openStore({ folder });
  writeFileSync(path, Buffer.from(whole).fill('x', whole.length >> 1, whole.length - 1));
  expect(await rejection(store.get('hurt'))).toMatchObject({ code: 'CORRUPT' });
  writeFileSync(path, whole);
  expect(textsOf(await store.get('hurt'))).toEqual(TEXTS);
});
