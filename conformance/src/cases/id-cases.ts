import { equal, ok, rejects } from '../assertions.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { defineCase } from './define-case.ts';
import { confusableNames, describeInvalid, invalidNames, longestNames } from './hostile-names.ts';
import { content, messages, read, turn, user } from './sample.ts';

const wellFormedNames = [...new Set([...confusableNames.flat(), ...longestNames])];

/** ID: ids and names. */
export const idCases: readonly ConformanceCase[] = [
  ...confusableNames.map((names, index) =>
    defineCase(
      `ID-1.${index + 1}`,
      `ids like ${JSON.stringify(names[0])} are told apart`,
      [],
      async ({ open, full }) => {
        const { store } = await open();
        const accepted: string[] = [];
        for (const id of names) {
          const saved = store.save(id, { state: { id } });
          // How a minimal store refuses an id is its own affair; what it accepts it has to tell apart.
          if (full) await saved;
          else if (
            await saved.then(
              () => false,
              () => true,
            )
          )
            continue;
          accepted.push(id);
        }
        for (const id of accepted) {
          const { state } = await read(store, id);
          equal(state, { id }, `the state of session ${JSON.stringify(id)}`);
        }
      },
    ),
  ),
  defineCase(
    `ID-1.${confusableNames.length + 1}`,
    'deleting an id leaves those like it',
    ['full'],
    async ({ open }) => {
      const { store } = await open();
      const ids = ['a', 'A', 'a*', 'a?', '*', 'a/b', 'a:', 'a:b', 'caf\u00e9', 'cafe\u0301', '%', '_'];
      for (const id of ids)
        await store.commit(id, {
          changeId: 'c1',
          life: null,
          threads: { main: { base: null, keep: 0, append: [user(id)] } },
        });
      for (const [index, id] of ids.entries()) {
        await store.delete(id);
        for (const [other, left] of ids.entries()) {
          const expected = other > index ? { main: [user(left)] } : undefined;
          equal(
            (await store.get(left))?.threads,
            expected,
            `session ${JSON.stringify(left)} after ${JSON.stringify(id)} was deleted`,
          );
        }
      }
    },
  ),
  defineCase('ID-2.1', 'an id that looks like a path stays in its space', [], async ({ open, full, spaceOf }) => {
    const inner = await open({ neighbour: 'one' });
    const other = await open({ neighbour: 'two' });
    await other.store.save('victim', { state: { intact: true } });
    const target = spaceOf('two');
    const ids = [
      `../${target}/victim`,
      `..\\${target}\\victim`,
      `../${target}:victim`,
      `../${target}-victim`,
      `./../${target}/victim`,
      `x/../../${target}/victim`,
    ];
    for (const id of ids) {
      const saved = inner.store.save(id, { state: { id } });
      if (full) await saved;
      else await saved.catch(() => undefined);
      const reached = await other.store.get('victim');
      equal(
        reached?.state,
        { intact: true },
        `a session of another space, after save of ${JSON.stringify(id)}`,
        'ids are joined to paths: encode them',
      );
    }
  }),
  defineCase('ID-2.2', 'an id that looks like a path reads nothing of another space', [], async ({ open, spaceOf }) => {
    const inner = await open({ neighbour: 'one' });
    const other = await open({ neighbour: 'two' });
    await other.store.save('victim', { state: { secret: true } });
    await inner.store.save('own', { state: {} });
    for (const id of [`../${spaceOf('two')}/victim`, `..\\${spaceOf('two')}\\victim`, 'own/../own', './own', 'own/.']) {
      const reached = await inner.store.get(id).catch(() => undefined);
      equal(
        reached,
        undefined,
        `get of ${JSON.stringify(id)}, which was never saved`,
        'ids are joined to paths: encode them',
      );
    }
  }),
  ...confusableNames.map((names, index) =>
    defineCase(`ID-3.${index + 1}`, `threads like ${JSON.stringify(names[0])} are told apart`, [], async ({ open }) => {
      const { store } = await open();
      const threads = Object.fromEntries(names.map((name) => [name, [user(name)]]));
      await store.save('a', { threads });
      equal((await content(store, 'a')).threads, threads, 'threads after save');
    }),
  ),
  defineCase(
    `ID-3.${confusableNames.length + 1}`,
    'threads of any name are changed and read one by one',
    ['full'],
    async ({ open }) => {
      const { store } = await open();
      const names = [
        'main',
        'Main',
        '__proto__',
        'constructor',
        'a.b',
        '$a',
        'caf\u00e9',
        'cafe\u0301',
        'a/b',
        '*',
        '',
        'length',
      ].filter((name) => name !== '');
      await store.commit('a', { changeId: 'c0', life: null });
      for (const [index, name] of names.entries()) {
        const threads = Object.fromEntries([
          [name, { base: null, keep: 0, append: [user(name)], turn: turn(`t${index}`) }],
        ]);
        await store.commit('a', { changeId: `c${index + 1}`, life: 'c0', threads });
      }
      for (const [index, name] of names.entries()) {
        await store.commit('a', {
          changeId: `h${index}`,
          life: 'c0',
          holds: Object.fromEntries([[name, `t${index}`]]),
        });
        const record = await store.get('a', { threads: [name] });
        equal(record?.threads, Object.fromEntries([[name, [user(name)]]]), `thread ${JSON.stringify(name)} by itself`);
        equal(
          record?.partial?.offsets,
          Object.fromEntries([[name, 0]]),
          `the offset of thread ${JSON.stringify(name)}`,
        );
      }
      const { lengths, versions, openTurns } = await read(store, 'a');
      equal(lengths, Object.fromEntries(names.map((name) => [name, 1])), 'lengths of all threads');
      equal(
        versions.threads,
        Object.fromEntries(names.map((name, index) => [name, `c${index + 1}`])),
        'versions of all threads',
      );
      equal(
        openTurns,
        Object.fromEntries(names.map((name, index) => [name, turn(`t${index}`, 1)])),
        'open turns of all threads',
      );
    },
  ),
  defineCase('ID-4.1', 'every well-formed id of up to 512 bytes is accepted', ['full'], async ({ open }) => {
    const { store } = await open();
    for (const id of wellFormedNames)
      await store.commit(id, { changeId: id, life: null, state: { base: null, value: { id } } });
    for (const id of wellFormedNames) {
      const record = await read(store, id);
      equal([record.id, record.life, record.state], [id, id, { id }], `session ${JSON.stringify(id).slice(0, 60)}`);
    }
  }),
  defineCase('ID-4.2', 'every well-formed thread name of up to 512 bytes is accepted', ['full'], async ({ open }) => {
    const { store } = await open();
    const entries = <T>(value: (name: string) => T) =>
      Object.fromEntries(longestNames.map((name) => [name, value(name)]));
    await store.commit('a', {
      changeId: 'c1',
      life: null,
      threads: entries((name) => ({ base: null, keep: 0, append: [user(name)] })),
    });
    equal(
      (await read(store, 'a')).threads,
      entries((name) => [user(name)]),
      'threads with the longest names',
    );
  }),
  defineCase('ID-4.3', 'every well-formed owner of up to 512 bytes is accepted', ['full'], async ({ open }) => {
    const { store } = await open();
    for (const [index, owner] of longestNames.entries()) {
      await store.commit(`s${index}`, { changeId: 'c1', life: null, owner });
      equal((await read(store, `s${index}`)).owner, owner, 'the longest owner');
    }
  }),
  defineCase('ID-5.1', 'what is no id is refused by every operation', ['full'], async ({ open }) => {
    const { store } = await open();
    await store.save('a', { state: 1 });
    const before = await read(store, 'a');
    for (const name of invalidNames) {
      const id = name as string;
      await rejects(store.get(id), 'INVALID_ID', `get of ${describeInvalid(name)}`, 'ids reach the query unchecked');
      await rejects(store.save(id, { state: 2 }), 'INVALID_ID', `save of ${describeInvalid(name)}`);
      await rejects(
        store.commit(id, { changeId: 'c1', life: null }),
        'INVALID_ID',
        `commit to ${describeInvalid(name)}`,
      );
      await rejects(store.delete(id), 'INVALID_ID', `delete of ${describeInvalid(name)}`);
    }
    equal(await read(store, 'a'), before, 'get after calls that were refused');
  }),
  defineCase('ID-6.1', 'what is no name is refused in a change', ['full'], async ({ open }) => {
    const { store } = await open();
    await store.commit('a', {
      changeId: 'c1',
      life: null,
      threads: { main: { base: null, keep: 0, append: messages(0, 1), turn: turn('t1') } },
    });
    const before = await read(store, 'a');
    const refuse = (fields: object, what: string) =>
      rejects(store.commit('a', { changeId: 'c2', life: 'c1', ...fields } as never), 'INVALID_ID', what);
    const thread = { base: null, keep: 0, append: [] };
    for (const name of invalidNames) {
      await refuse({ changeId: name }, `a change with id ${describeInvalid(name)}`);
      if (typeof name === 'string') {
        await refuse({ threads: { [name]: thread } }, `a thread named ${describeInvalid(name)}`);
        await refuse({ holds: { [name]: 't1' } }, `a hold of a thread named ${describeInvalid(name)}`);
        await rejects(
          store.save('a', { threads: { [name]: [] } }),
          'INVALID_ID',
          `save of a thread named ${describeInvalid(name)}`,
        );
      }
      if (name !== null) {
        await refuse({ life: name }, `a change of life ${describeInvalid(name)}`);
        await refuse({ state: { base: name, value: 1 } }, `a change of the state with base ${describeInvalid(name)}`);
        await refuse(
          { threads: { main: { ...thread, base: name } } },
          `a change of a thread with base ${describeInvalid(name)}`,
        );
      }
      if (name === undefined) continue;
      await refuse(
        { threads: { main: { ...thread, base: 'c1', keep: 1, turn: { ...turn('t2'), id: name } } } },
        `a turn with id ${describeInvalid(name)}`,
      );
      await refuse({ holds: { main: name } }, `a hold of turn ${describeInvalid(name)}`);
      const creation = { changeId: 'x', life: null, owner: name } as never;
      await rejects(store.commit('b', creation), 'INVALID_ID', `owner ${describeInvalid(name)}`);
      await rejects(
        store.get('a', { threads: [name as string] }),
        'INVALID_ID',
        `get of a thread named ${describeInvalid(name)}`,
      );
    }
    equal(await read(store, 'a'), before, 'get after changes that were refused');
    ok((await store.get('b')) === undefined, 'a creation that was refused must create nothing');
  }),
];
