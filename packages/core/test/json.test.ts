import { toStored } from '@sess/core/store';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { errorOf, frozen } from './samples.ts';

describe('JSON', () => {
  test('is copied as it is', () => {
    const values = fc.json({ maxDepth: 6, stringUnit: 'grapheme' }).map((text) => JSON.parse(text)); // which has no -0
    fc.assert(
      fc.property(values, (value) => {
        const given = frozen(structuredClone(value));
        const stored = toStored(given, 'state');
        expect(stored).toEqual(given);
        expect(JSON.stringify(stored)).toBe(JSON.stringify(given));
        if (typeof given === 'object' && given !== null) expect(stored).not.toBe(given);
      }),
    );
  });

  test('is copied to its leaves', () => {
    const given = { list: [{ inner: [1] }] };
    const stored = toStored(given, 'state');
    given.list[0]?.inner.push(2);
    expect(stored).toEqual({ list: [{ inner: [1] }] });
  });

  test('the same object may be there twice, side by side', () => {
    const shared = { a: 1 };
    expect(toStored([shared, { shared }], 'state')).toEqual([{ a: 1 }, { shared: { a: 1 } }]);
  });

  test.each([
    '{"__proto__": {"polluted": true}}',
    '{"a": 1, "__proto__": {"polluted": true}, "b": 2}',
    '{"constructor": 1, "toString": 2, "hasOwnProperty": 3}',
    '{"$set": 1, "a.b": 2, "": 3}',
    '{"2": "a", "1": "b"}',
    '["\\u0000", "\\ud83d\\ude00", "e\\u0301", "\\u00e9"]',
    '[1e308, 5e-324, 9007199254740993, 0.1]',
    '[null, true, false, "", [], {}]',
  ])('%s is ordinary', (text) => {
    const stored = toStored(JSON.parse(text), 'state');
    expect(JSON.stringify(stored)).toBe(JSON.stringify(JSON.parse(text)));
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect((stored as { polluted?: unknown }).polluted).toBeUndefined();
  });

  test('objects of any make become plain ones with their own properties', () => {
    class Point {
      readonly x = 1;
      get sum() {
        return 2;
      }
    }
    const stored = toStored({ point: new Point(), bare: Object.assign(Object.create(null), { y: 2 }) }, 'state');
    expect(stored).toEqual({ point: { x: 1 }, bare: { y: 2 } });
    expect(Object.getPrototypeOf(stored.point)).toBe(Object.prototype);
    expect(Object.getPrototypeOf(stored.bare)).toBe(Object.prototype);
  });
});

describe('what JSON leaves out or writes in another way', () => {
  test('undefined properties and symbols as names are left out', () => {
    expect(Object.keys(toStored({ gone: undefined, [Symbol('x')]: 1, kept: 1 }, 'state'))).toEqual(['kept']);
  });

  test('toJSON is honoured, with the name or index as its argument', () => {
    const keyed = { toJSON: (key: string) => `as ${key}` };
    const given = { at: new Date(0), keyed, list: [keyed], link: new URL('https://example.org/') };
    expect(toStored<unknown>(given, 'state')).toEqual({
      at: '1970-01-01T00:00:00.000Z',
      keyed: 'as keyed',
      list: ['as 0'],
      link: 'https://example.org/',
    });
    expect(toStored<unknown>({ toJSON: () => ({ inner: new Date(0) }) }, 'state')).toEqual({
      inner: '1970-01-01T00:00:00.000Z',
    });
  });

  test('a property named toJSON that is no function is a property', () => {
    expect(toStored({ toJSON: 'yes' }, 'state')).toEqual({ toJSON: 'yes' });
  });

  test('-0 is 0', () => {
    expect(Object.is(toStored(-0, 'state'), 0)).toBe(true);
    expect(Object.is(toStored([-0], 'state')[0], 0)).toBe(true);
  });
});

describe('what JSON would refuse, lose or change', () => {
  const cycle: Record<string, unknown> = { list: [] };
  (cycle.list as unknown[]).push({ cycle });
  const fail = () => {
    throw new Error('no');
  };
  // biome-ignore lint/suspicious/noSparseArray: that is what is refused.
  const sparse = [1, , 3];

  test.each<[string, unknown]>([
    ['a function', () => 1],
    ['a symbol', Symbol('x')],
    ['a BigInt', 1n],
    ['NaN', Number.NaN],
    ['infinity', Number.POSITIVE_INFINITY],
    ['minus infinity', Number.NEGATIVE_INFINITY],
    ['a cycle', cycle],
    ['a lone surrogate', 'a\ud800b'],
    ['a lone low surrogate', '\udc00'],
    ['a name with a lone surrogate', { '\ud800': 1 }],
    ['a Map', new Map([['a', 1]])],
    ['a Set', new Set()],
    ['a WeakMap', new WeakMap()],
    ['a typed array', new Uint8Array(2)],
    ['an ArrayBuffer', new ArrayBuffer(2)],
    ['a promise', Promise.resolve(1)],
    ['an error', new Error('x')],
    ['a regular expression', /x/],
    ['a boxed string', new String('x')],
    ['a boxed number', new Number(1)],
    ['undefined in an array', [undefined]],
    ['a hole in an array', sparse],
    ['an invalid date in an array', [{ toJSON: () => undefined }]],
    ['a getter that throws', Object.defineProperty({}, 'x', { enumerable: true, get: fail })],
    ['a toJSON that throws', { toJSON: fail }],
    ['undefined', undefined],
  ])('%s is refused with the path', async (_, value) => {
    const error = await errorOf(
      () => toStored({ cart: [1, { price: value ?? [undefined] }] }, 'state'),
      'NOT_SERIALIZABLE',
    );
    if (error.cause === undefined) expect(error.message).toContain('state.cart[1].price');
    else expect(error.message).toContain('state');
  });

  test('undefined by itself is refused', async () => {
    await errorOf(() => toStored(undefined, 'state'), 'NOT_SERIALIZABLE');
  });

  test('the message tells what is wrong where', async () => {
    const messageOf = async (value: unknown) =>
      (await errorOf(() => toStored(value, 'state'), 'NOT_SERIALIZABLE')).message;
    expect(await messageOf({ cart: [0, { price: Number.NaN }] })).toContain('state.cart[1].price');
    expect(await messageOf({ when: new Map() })).toBe('state.when is a Map, not JSON.');
    expect(await messageOf(cycle)).toBe('state.list[0].cycle contains itself.');
    expect(await messageOf({ a: ['\ud800'] })).toBe('state.a[0] holds a lone surrogate.');
    expect(await messageOf({ a: { '\ud800': 1 } })).toBe('state.a holds a lone surrogate.');
  });

  test('no message holds a value', async () => {
    const secret = 'sk-123';
    for (const value of [
      { note: `${secret}\ud800` },
      { note: Symbol(secret) },
      { note: new Error(secret) },
      { note: Object.defineProperty({}, 'x', { enumerable: true, get: () => JSON.parse(secret) }) },
      { note: new Map([[secret, secret]]) },
      { note: { toJSON: () => new String(secret) } },
    ]) {
      const error = await errorOf(() => toStored(value, 'state'), 'NOT_SERIALIZABLE');
      expect(error.message).not.toContain(secret);
      expect(JSON.stringify(error)).not.toContain(secret);
    }
  });

  test('what is refused is not touched', async () => {
    const given = frozen({ a: { b: [1, { c: Number.NaN }] } });
    await errorOf(() => toStored(given, 'state'), 'NOT_SERIALIZABLE');
  });
});

describe('nesting', () => {
  const nested = (levels: number, wrap: (inner: unknown) => unknown) => {
    let value: unknown = wrap(1);
    for (let level = 1; level < levels; level++) value = wrap(value);
    return value;
  };

  test.each<[string, (inner: unknown) => unknown]>([
    ['objects', (inner) => ({ inner })],
    ['arrays', (inner) => [inner]],
    ['objects with toJSON', (inner) => ({ toJSON: () => ({ inner }) })],
  ])('of %s ends at 500 levels', async (_, wrap) => {
    expect(() => toStored(nested(500, wrap), 'state')).not.toThrow();
    const error = await errorOf(() => toStored(nested(501, wrap), 'state'), 'NOT_SERIALIZABLE');
    expect(error.message).toContain('500 levels');
    await errorOf(() => toStored(nested(100_000, wrap), 'state'), 'NOT_SERIALIZABLE');
  });

  test('by a toJSON that answers itself anew for ever is refused', async () => {
    const endless = { toJSON: () => ({ endless }) };
    await errorOf(() => toStored(endless, 'state'), 'NOT_SERIALIZABLE');
  });
});
