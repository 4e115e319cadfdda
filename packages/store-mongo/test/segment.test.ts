import { randomUUID } from 'node:crypto';
import type { SessionRecord } from '@sess/core/store';
import { append, appending, message, rejection, settingState, textsOf } from '@sess/store-tests/session';
import { Collection } from 'mongodb';
import { expect, test, vi } from 'vitest';
import { joinSegments } from '../src/join-segments.ts';
import { collectionsOf } from './support/collections.ts';
import { freshPrefix, openStore } from './support/open-store.ts';
import { onServer } from './support/server.ts';

const LARGE = 60_000;

test('of two segments with the same message the one of the higher layout is right', () => {
  const segments = [
    { layout: 3, from: 1, to: 3, messages: ['b', 'c'], below: 1 },
    { layout: 1, from: 0, to: 3, messages: ['a', 'cut', 'cut'] },
    { layout: 2, from: 1, to: 4, messages: ['cut', 'cut', 'cut'], below: 1 },
  ];
  expect(joinSegments(segments, { start: 0, end: 3, top: 3 })).toEqual(['a', 'b', 'c']);
});

test('a missing segment is noticed: by its messages, by the chain, and by the top', () => {
  const old = { layout: 1, from: 0, to: 4, messages: ['a', 'old', 'old', 'old'] };
  const top = { layout: 4, from: 2, to: 4, messages: ['c', 'd'], below: 3 };
  expect(joinSegments([top], { start: 0, end: 4, top: 4 })).toBeUndefined();
  expect(joinSegments([old, top], { start: 0, end: 4, top: 4 })).toBeUndefined();
  expect(joinSegments([old], { start: 0, end: 4, top: 4 })).toBeUndefined();
});

onServer('segments', () => {
  test('a session whose segment was removed by others is CORRUPT, not shorter', async () => {
    const prefix = freshPrefix();
    const { sessions, segments } = collectionsOf(prefix);
    const store = openStore({ prefix });
    for (const id of ['a', 'b', 'c']) {
      await store.save(id, { state: 'x'.repeat(LARGE) });
      for (const text of ['1', '2', '3']) await append(store, id, [message(text, LARGE)]);
    }
    await segments.deleteOne({ session: 'a', from: 1 });
    await segments.deleteOne({ session: 'b', thread: '' });
    await sessions.updateOne({ _id: 'c' }, { $set: { tails: 'garbled' } });
    for (const id of ['a', 'b', 'c'])
      expect(await rejection(store.get(id))).toMatchObject({ code: 'CORRUPT', sessionId: id });
    expect((await store.list()).sessions).toHaveLength(3);
    await sessions.updateOne({ _id: 'c' }, { $set: { metadata: { _YQ: 'garbled' } } });
    const { sessions: listed, unreadable } = await store.list();
    expect(listed.map(({ id }) => id).sort()).toEqual(['a', 'b']);
    expect(unreadable).toMatchObject([{ id: 'c', error: { code: 'CORRUPT' } }]);
    await store.sweep();
    expect(await segments.countDocuments({ session: 'c' })).toBe(4);
  });

  test('a document that lacks a field is CORRUPT, and listed as unreadable where that can be seen', async () => {
    const prefix = freshPrefix();
    const { sessions } = collectionsOf(prefix);
    const store = openStore({ prefix });
    const fields = ['createdAt', 'updatedAt', 'writtenAt', 'lengths', 'versions', 'tails'];
    for (const field of fields) {
      await store.save(field, { threads: { main: [message('one')] } });
      await sessions.updateOne({ _id: field }, { $unset: { [field]: '' } });
    }
    for (const field of fields) expect(await rejection(store.get(field))).toMatchObject({ code: 'CORRUPT' });
    const { unreadable = [] } = await store.list({ orderBy: 'createdAt' });
    expect(unreadable.map(({ id }) => id)).toEqual(expect.arrayContaining(['updatedAt', 'lengths']));
  });

  test('what was cut off, replaced or saved over is swept, and nothing else', async () => {
    const prefix = freshPrefix();
    const { sessions, segments } = collectionsOf(prefix);
    const store = openStore({ prefix });
    await store.commit('a', settingState(undefined, 'x'.repeat(LARGE)));
    for (let index = 0; index < 10; index += 1) await append(store, 'a', [message(`${index}`, LARGE)]);
    await store.commit('a', settingState(await store.get('a'), 'y'.repeat(LARGE)));
    const record = await store.get('a', { last: 0 });
    const cut = { base: record?.versions.threads.main ?? null, keep: 4, append: [message('new', LARGE)] };
    await store.commit('a', { changeId: randomUUID(), life: record?.life ?? null, threads: { main: cut } });
    expect(await segments.countDocuments()).toBe(2 + 10 + 1);

    await store.sweep();
    expect(await segments.countDocuments()).toBe(1 + 4 + 1);
    expect(await segments.countDocuments({ unchecked: true })).toBe(0);
    expect(await sessions.countDocuments({ garbage: true })).toBe(0);
    expect(textsOf(await store.get('a'))).toEqual(['0', '1', '2', '3', 'new']);
    expect((await store.get('a'))?.state).toBe('y'.repeat(LARGE));
    expect(await store.sweep()).toEqual({ removed: 0 });

    await store.save('a', { threads: { main: [message('saved')] } });
    await store.sweep();
    expect(await segments.countDocuments()).toBe(0);
    expect(textsOf(await store.get('a'))).toEqual(['saved']);
  });

  test.each(['creation', 'append'])('a sweep while a large %s has written its segments and no more', async (kind) => {
    const prefix = freshPrefix();
    const { segments } = collectionsOf(prefix);
    const writer = openStore({ prefix });
    const sweeper = openStore({ prefix });
    await sweeper.get('warm-up');
    if (kind === 'append') await append(writer, 'a', [message('old', LARGE)]);
    const record = await writer.get('a');
    let sweeps = 0;
    const insertMany = Collection.prototype.insertMany;
    vi.spyOn(Collection.prototype, 'insertMany').mockImplementation(async function (this: Collection, ...parameters) {
      const result = await insertMany.apply(this, parameters);
      sweeps += 1;
      if (sweeps === 1) await sweeper.sweep();
      return result;
    });
    const result = await writer.commit('a', appending(record, [message('new', LARGE), message('newest', LARGE)]));
    expect(sweeps).toBe(2);
    const expected = [...(kind === 'append' ? ['old'] : []), 'new', 'newest'];
    expect(await sweeper.get('a')).toMatchObject({
      changes: record ? 2 : 1,
      versions: { threads: { main: result.changeId } },
    });
    expect(textsOf(await sweeper.get('a'))).toEqual(expected);
    await sweeper.sweep();
    expect(textsOf(await sweeper.get('a'))).toEqual(expected);
    expect(await segments.countDocuments()).toBe(expected.length === 3 ? 2 : 1);
  });

  test.each(['creation', 'append'])(
    'a large %s refers to its segments while a sweep is about to remove them',
    async (kind) => {
      const prefix = freshPrefix();
      const writer = openStore({ prefix });
      const sweeper = openStore({ prefix });
      await sweeper.get('warm-up');
      if (kind === 'append') await append(writer, 'a', [message('old', LARGE)]);
      const record = await writer.get('a');
      let letRefer = () => {};
      const removal = new Promise<void>((resolve) => {
        letRefer = resolve;
      });
      const { insertMany, bulkWrite } = Collection.prototype;
      let sweeping: Promise<unknown> | undefined;
      vi.spyOn(Collection.prototype, 'insertMany').mockImplementation(async function (this: Collection, ...parameters) {
        const result = await insertMany.apply(this, parameters);
        sweeping ??= sweeper.sweep();
        await removal;
        return result;
      });
      vi.spyOn(Collection.prototype, 'bulkWrite').mockImplementation(async function (this: Collection, ...parameters) {
        if (parameters[0].some((operation) => 'deleteOne' in operation)) {
          letRefer();
          await committing;
        }
        return bulkWrite.apply(this, parameters);
      });
      const committing = writer.commit('a', appending(record, [message('new', LARGE)]));
      await committing;
      await sweeping;
      expect(textsOf(await writer.get('a'))).toEqual([...(kind === 'append' ? ['old'] : []), 'new']);
    },
  );

  test('a session that is about to be deleted is whole until it is gone', async () => {
    const prefix = freshPrefix();
    const [store, other] = [openStore({ prefix }), openStore({ prefix })];
    await store.save('a', { threads: { main: [message('one', LARGE), message('two', LARGE)] } });
    const { replaceOne } = Collection.prototype;
    const seen: string[][] = [];
    vi.spyOn(Collection.prototype, 'replaceOne').mockImplementation(async function (this: Collection, ...parameters) {
      seen.push(textsOf(await other.get('a')));
      return replaceOne.apply(this, parameters);
    });
    expect(await store.delete('a')).toBe(true);
    expect(seen).toEqual([['one', 'two']]);
    expect(await other.get('a')).toBeUndefined();
  });

  test.each(['swept', 'deleted'])('a window read while segments are %s one by one is of one moment', async (kind) => {
    const prefix = freshPrefix();
    const [writer, reader] = [openStore({ prefix }), openStore({ prefix })];
    await writer.save('a', { threads: { main: ['first', 'first', 'first'].map((text) => message(text, LARGE)) } });
    const { life, versions } = (await writer.get('a', { last: 0 })) as SessionRecord;
    const append = [message('second', LARGE), message('second', LARGE)];
    const main = { base: versions.threads.main ?? null, keep: 0, append };
    await writer.commit('a', { changeId: randomUUID(), life, threads: { main } });

    const before = await collectionsOf(prefix).sessions.findOne({ _id: 'a' });
    const { bulkWrite } = Collection.prototype;
    const found = new Set<string | undefined>();
    const look = async () => {
      const stale = { ...before, now: new Date() };
      vi.spyOn(Collection.prototype, 'aggregate').mockImplementationOnce(
        () => ({ toArray: async () => [stale] }) as never,
      );
      found.add(textsOf(await reader.get('a', { last: 1, before: 1 }))[0]);
    };
    vi.spyOn(Collection.prototype, 'bulkWrite').mockImplementation(async function (
      this: Collection,
      operations,
      options,
    ) {
      for (const operation of operations) {
        await look();
        await bulkWrite.call(this, [operation], options);
      }
      await look();
      return {} as never;
    });
    if (kind === 'deleted') await writer.delete('a');
    else {
      await writer.save('a', { threads: { main: [message('saved')] } });
      await writer.sweep();
    }
    expect([...found]).toEqual(['second', kind === 'deleted' ? undefined : 'saved']);
  });

  test('segments of a writer that has died do not stand in the way of others', async () => {
    const prefix = freshPrefix();
    const store = openStore({ prefix });
    for (const id of ['new', 'old']) {
      if (id === 'old') await append(store, id, [message('first')]);
      const record = await store.get(id);
      const insertMany = Collection.prototype.insertMany;
      const spy = vi.spyOn(Collection.prototype, 'insertMany').mockImplementation(async function (
        this: Collection,
        ...parameters
      ) {
        await insertMany.apply(this, parameters);
        throw new Error('the process has died');
      });
      const change = appending(record, [message('lost', LARGE)]);
      expect(await rejection(store.commit(id, change))).toMatchObject({ code: 'STORE_FAILED', retryable: false });
      spy.mockRestore();
      await store.commit(id, change);
      await append(store, id, [message('last', LARGE)]);
      expect(textsOf(await store.get(id)).slice(-2)).toEqual(['lost', 'last']);
      await store.sweep();
      expect(textsOf(await store.get(id)).slice(-2)).toEqual(['lost', 'last']);
    }
  });

  test('readers see whole snapshots while a session is cut, replaced and swept', async () => {
    const prefix = freshPrefix();
    const writer = openStore({ prefix });
    const reader = openStore({ prefix });
    await writer.save('a', { state: 0, threads: {} });
    let isOver = false;
    const read = async () => {
      for (let reads = 0; !isOver || reads === 0; reads += 1) {
        const record = await reader.get('a');
        const texts = textsOf(record);
        expect(new Set(texts.map((text) => text.split(' ')[0])).size).toBeLessThanOrEqual(1);
        expect(texts.map((text) => Number(text.split(' ')[1]))).toEqual(texts.map((_, index) => index));
      }
    };
    const readers = [read(), read()];
    for (let round = 0; round < 25; round += 1) {
      const messages = Array.from({ length: 4 }, (_, index) => message(`${round} ${index} `, LARGE));
      const record = await writer.get('a', { last: 0 });
      const main = { base: record?.versions.threads.main ?? null, keep: 0, append: messages };
      if (round % 2) await writer.save('a', { threads: { main: messages } });
      else await writer.commit('a', { changeId: randomUUID(), life: record?.life ?? null, threads: { main } });
      await writer.sweep();
    }
    isOver = true;
    await Promise.all(readers);
  });
});
