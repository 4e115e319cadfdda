import { type MessageData, SessError, type SessErrorCode } from '@sess/core';
import { expect } from 'vitest';

export const user = (text: string): MessageData => ({ role: 'user', content: [{ text }] });

/** The texts of messages, to tell them apart at a glance. */
export function textsOf(messages: readonly MessageData[] | undefined): (string | undefined)[] | undefined {
  return messages?.map(({ content }) => content[0]?.text);
}

/** The error that a call ends in; fails where it ends well, or in an error of another code. */
export async function errorOf(call: () => unknown, code: SessErrorCode): Promise<SessError> {
  let outcome: unknown;
  try {
    outcome = await call();
  } catch (error) {
    if (!SessError.is(error)) throw error;
    expect(error.code, error.message).toBe(code);
    return error;
  }
  throw new Error(`There was no error, but ${JSON.stringify(outcome)}.`);
}

/** A promise that is settled from outside. */
export function gate<T = void>(): { promise: Promise<T>; open: (value: T) => void; fail: (error: unknown) => void } {
  let open: (value: T) => void = () => {};
  let fail: (error: unknown) => void = () => {};
  const promise = new Promise<T>((resolve, reject) => {
    open = resolve;
    fail = reject;
  });
  return { promise, open, fail };
}

/** The value frozen to its leaves: whoever changes it throws. */
export function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.freeze(value);
    for (const item of Object.values(value)) frozen(item);
  }
  return value;
}
