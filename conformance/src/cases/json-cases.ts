import { equal, ok, rejects } from '../assertions.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { defineCase } from './define-case.ts';
import { content, messages, read, user } from './sample.ts';

/** JSON: what is stored. */
export const jsonCases: readonly ConformanceCase[] = [
  ...roundTrips('JSON-1', 'values', {
    empties: { text: '', list: [], object: {}, lists: [[], [[]]], objects: { a: {} } },
    'null and absent': { here: null, list: [null, null], nested: { here: null } },
    booleans: [true, false, { yes: true, no: false }],
    numbers: [
      0,
      1,
      -1,
      0.1,
      1e308,
      -1e308,
      Number.MAX_VALUE,
      5e-324,
      Number.MAX_SAFE_INTEGER,
      Number.MIN_SAFE_INTEGER,
      123456789.12345679,
      1e21,
      2 ** 53,
    ],
    'numbers and texts that look like them': [1, '1', '1.0', 'true', 'null', 'NaN', '0x10', '1e3'],
    'texts that look like JSON': ['{"a":1}', '[]', '"x"', 'null', '\\', '\\u0041', '\\n'],
    'texts that look like dates': ['2024-01-01T00:00:00.000Z', '2024-01-01', '/Date(0)/'],
    'mixed nesting': { a: [{ b: [{ c: [1, [2, { d: [] }]] }] }] },
  }),
  ...roundTrips('JSON-2', 'texts', {
    'beyond ASCII': [
      '\u00e9',
      '\u00df',
      '\u4f60\u597d',
      '\u0645\u0631\u062d\u0628\u0627',
      '\u05e9\u05dc\u05d5\u05dd',
      '\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35',
    ],
    'beyond the basic plane': [
      '\u{1f600}',
      '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}',
      '\u{10000}',
      '\u{10ffff}',
      '\u{20bb7}',
    ],
    'composed and decomposed': ['caf\u00e9', 'cafe\u0301', '\u1e9b\u0323', '\u2126', '\u03a9', '\ufb01', 'fi'],
    'control characters': [String.fromCharCode(...Array.from({ length: 32 }, (_, code) => code)), '\u007f\u0080\u009f'],
    'line breaks': ['a\nb', 'a\r\nb', 'a\rb', 'a\u2028b', 'a\u2029b', '\n', 'a\n'],
    spaces: [' a ', '\ta', 'a\u00a0', '\u200b', '\ufeffa', 'a\ufeff'],
    'the edges of the plane': ['\ufffd', '\ufffe', '\uffff', '\ue000', '\ud7ff'],
    'what markup escapes': ['<a href="x">&amp;</a>', '\u0024{x}', '{{x}}', '%s', "it's", '`', '#{x}', '<!--', ']]>'],
  }),
  ...roundTrips('JSON-3', 'names', {
    'of prototypes': JSON.parse(
      '{"__proto__":{"a":1},"constructor":{"prototype":2},"toString":3,"hasOwnProperty":4,"valueOf":5,"length":6}',
    ),
    'of operators': { $set: 1, $gt: { $ne: 2 }, 'a.b': 3, 'a.$.b': 4, $: 5, '.': 6, 'a[0]': 7, '#text': 8, '@type': 9 },
    'odd ones': {
      '': 1,
      ' ': 2,
      '0': 3,
      '-1': 4,
      '1.5': 5,
      null: 6,
      undefined: 7,
      'a"b': 8,
      'a\\b': 9,
      'a\nb': 10,
      '\u0000': 11,
    },
    'beyond ASCII': { 'caf\u00e9': 1, 'cafe\u0301': 2, '\u{1f600}': 3, A: 4, a: 5, '\uffff': 6 },
    'of the contract': {
      id: 'x',
      life: 'x',
      versions: 'x',
      threads: 'x',
      partial: 'x',
      expiresAt: 0,
      toJSON: 1,
      _id: 2,
      type: 3,
      deletedUntil: 4,
    },
  }),
  defineCase('JSON-4.1', 'nesting up to 500 levels is stored, deeper is refused', ['full'], async ({ open }) => {
    const { store } = await open();
    for (const [name, wrap] of [
      ['lists', (value: unknown) => [value]],
      ['objects', (value: unknown) => ({ a: value })],
    ] as const) {
      const nested = (levels: number) => {
        let value: unknown = wrap(1);
        for (let level = 1; level < levels; level += 1) value = wrap(value);
        return value;
      };
      await store.save(name, { state: nested(500) });
      equal((await read(store, name)).state, nested(500), `500 nested ${name}`);
      await rejects(store.save(name, { state: nested(501) }), 'NOT_SERIALIZABLE', `save of 501 nested ${name}`);
      await rejects(store.save(name, { state: nested(20_000) }), 'NOT_SERIALIZABLE', `save of 20,000 nested ${name}`);
      equal((await read(store, name)).state, nested(500), 'the state after saves that were refused');
    }
  }),
  ...refusals(),
  defineCase('JSON-6.1', 'the path is told', ['full'], async ({ open }) => {
    const { store } = await open();
    const cart = [1, 2, 3, { price: 1n }];
    const saved = await rejects(store.save('a', { state: { cart } }), 'NOT_SERIALIZABLE', 'save of a BigInt');
    ok(saved.message.includes('state.cart[3].price'), 'the message must name the path state.cart[3].price');
    const change = { changeId: 'c1', life: null, metadata: { labels: [Number.NaN] } };
    const committed = await rejects(store.commit('a', change), 'NOT_SERIALIZABLE', 'commit of NaN');
    ok(committed.message.includes('metadata.labels[0]'), 'the message must name the path metadata.labels[0]');
  }),
  defineCase('JSON-7.1', 'values are stored as JSON has them', ['full'], async ({ open }) => {
    const { store } = await open();
    const given = {
      date: new Date(0),
      own: { toJSON: () => ({ converted: true }) },
      gone: undefined,
      nested: { gone: undefined, kept: null },
      [Symbol('ignored')]: 1,
      zero: -0,
      list: [-0, new Date(0)],
    };
    const expected = {
      date: '1970-01-01T00:00:00.000Z',
      own: { converted: true },
      nested: { kept: null },
      zero: 0,
      list: [0, '1970-01-01T00:00:00.000Z'],
    };
    await store.save('a', { state: given, threads: { main: [{ ...user('hi'), metadata: given }] } });
    const saved = await read(store, 'a');
    equal(saved.state, expected, 'the state after save');
    equal(saved.threads?.main?.[0]?.metadata, expected, 'the metadata of a message after save');
    await store.commit('b', {
      changeId: 'c1',
      life: null,
      state: { base: null, value: given },
      metadata: given,
      threads: { main: { base: null, keep: 0, append: [{ ...user('hi'), metadata: given }] } },
    });
    const committed = await read(store, 'b');
    equal(committed.state, expected, 'the state after commit');
    equal(committed.metadata, expected, 'the metadata after commit');
    equal(committed.threads?.main?.[0]?.metadata, expected, 'the metadata of a message after commit');
    for (const record of [saved, committed]) {
      const { state } = record as { state: object };
      ok(!Object.hasOwn(state, 'gone'), 'a property that is undefined must be left out');
    }
  }),
];

/** Each set of values is stored as state, in a message and in metadata, and read back. */
function roundTrips(clause: string, kind: string, sets: Readonly<Record<string, unknown>>): ConformanceCase[] {
  return Object.entries(sets).map(([name, value], index) =>
    defineCase(`${clause}.${index + 1}`, `${kind}: ${name}`, [], async ({ open, full }) => {
      const { store } = await open();
      const message = { ...user('hi'), metadata: { value } };
      await store.save('a', { state: { value }, threads: { main: [message] } });
      equal(await content(store, 'a'), { state: { value }, threads: { main: [message] } }, 'get after save');
      if (!full) return;
      await store.commit('b', {
        changeId: 'c1',
        life: null,
        state: { base: null, value },
        metadata: { value },
        threads: { main: { base: null, keep: 0, append: [message] } },
      });
      const { state, metadata, threads } = await read(store, 'b');
      equal(
        { state, metadata, threads },
        { state: value, metadata: { value }, threads: { main: [message] } },
        'get after commit',
      );
      await store.commit('b', {
        changeId: 'c2',
        life: 'c1',
        threads: { main: { base: 'c1', keep: 1, append: [message] } },
      });
      equal((await store.get('b', { last: 1 }))?.threads, { main: [message] }, 'get of the last message');
    }),
  );
}

function refusals(): ConformanceCase[] {
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  const hole = [1, 2, 3];
  delete hole[1];
  const values: Readonly<Record<string, unknown>> = {
    'a function': () => 1,
    'a symbol': Symbol('x'),
    'a BigInt': 1n,
    NaN: Number.NaN,
    infinity: Number.POSITIVE_INFINITY,
    '-infinity': Number.NEGATIVE_INFINITY,
    'a cycle': cycle,
    'a lone high surrogate': 'x\ud800',
    'a lone low surrogate': '\udc00x',
    'a name with a lone surrogate': { 'x\ud800': 1 },
    'a Map': new Map([['a', 1]]),
    'a Set': new Set([1]),
    'a typed array': new Uint8Array([1]),
    'a promise': Promise.resolve(1),
    'a hole in an array': hole,
    'undefined in an array': [undefined],
    'a toJSON that throws': {
      toJSON() {
        throw new Error('no');
      },
    },
  };
  return Object.entries(values).map(([name, value], index) =>
    defineCase(`JSON-5.${index + 1}`, `${name} is refused`, ['full'], async ({ open }) => {
      const { store } = await open();
      await store.commit('a', {
        changeId: 'c1',
        life: null,
        state: { base: null, value: 1 },
        threads: { main: { base: null, keep: 0, append: messages(0, 1) } },
      });
      const before = await read(store, 'a');
      const bad = { deep: [{ value }] };
      const message = { ...user('hi'), metadata: bad };
      const refuse = (promise: Promise<unknown>, what: string) =>
        rejects(
          promise,
          'NOT_SERIALIZABLE',
          `${what} ${name}`,
          'JSON.stringify drops or changes it in silence: check values with toStored',
        );
      await refuse(store.save('a', { state: bad }), 'save of a state with');
      await refuse(store.save('a', { threads: { main: [message] } }), 'save of a message with');
      await refuse(store.save('a', { metadata: bad } as never), 'save of metadata with');
      await refuse(
        store.commit('a', { changeId: 'c2', life: 'c1', state: { base: 'c1', value: bad } }),
        'commit of a state with',
      );
      await refuse(store.commit('a', { changeId: 'c2', life: 'c1', metadata: bad }), 'commit of metadata with');
      const threads = {
        side: { base: null, keep: 0, append: [user('fine')] },
        main: { base: 'c1', keep: 1, append: [user('fine'), message] },
      };
      await refuse(store.commit('a', { changeId: 'c2', life: 'c1', threads }), 'commit of a message with');
      equal(await read(store, 'a'), before, 'get after what was refused');
    }),
  );
}
