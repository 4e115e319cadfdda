import { SessError } from '@sess/core/store';
import { beforeAll, describe, expect, test } from 'vitest';

describe('a SessError', () => {
  test('has a code, and what it is about', () => {
    const cause = new Error('underneath');
    const parts = { threads: { main: { version: 'c1', length: 2 } } };
    const details = { sessionId: 'a', thread: 'main', store: 'S', parts, outcome: 'unknown', retryable: true } as const;
    const error = new SessError('CONFLICT', 'What happened.', { ...details, cause });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ ...details, code: 'CONFLICT', name: 'SessError', message: 'What happened.' });
    expect(error.cause).toBe(cause);
    expect(`${error}`).toBe('SessError: What happened.');
    expect(error.stack).toContain('error.test.ts');
  });

  test('is not retryable, and has nothing else, unless it is said', () => {
    const error = new SessError('NOT_FOUND', 'What happened.');
    expect(error.retryable).toBe(false);
    expect(Object.keys(error).sort()).toEqual(['code', 'name', 'retryable']);
    expect('cause' in error).toBe(false);
  });

  test('does not show its cause where it is logged as JSON', () => {
    const error = new SessError('STORE_FAILED', 'What happened.', { cause: new Error('password') });
    expect(JSON.stringify(error)).not.toContain('cause');
    expect(Object.keys(error)).not.toContain('cause');
  });
});

describe('SessError.is', () => {
  let other: typeof SessError;
  beforeAll(async () => {
    const copy = new URL('../dist/store/error.js?another-copy', import.meta.url).href;
    other = (await import(/* @vite-ignore */ copy)).SessError;
  });

  test('recognises errors of this copy and of another one, where instanceof does not', () => {
    const error = new other('CONFLICT', 'What happened.');
    expect(other).not.toBe(SessError);
    expect(error).not.toBeInstanceOf(SessError);
    expect(SessError.is(error)).toBe(true);
    expect(other.is(new SessError('CONFLICT', 'What happened.'))).toBe(true);
  });

  test('tells codes apart', () => {
    const error: unknown = new other('CONFLICT', 'What happened.');
    expect(SessError.is(error, 'CONFLICT')).toBe(true);
    expect(SessError.is(error, 'NOT_FOUND')).toBe(false);
  });

  test.each([
    undefined,
    null,
    0,
    '',
    'CONFLICT',
    {},
    { code: 'CONFLICT', name: 'SessError' },
    new Error('x'),
    () => {},
  ])('does not take %s for one', (value) => {
    expect(SessError.is(value)).toBe(false);
    expect(SessError.is(value, 'CONFLICT')).toBe(false);
  });
});
