import type { SessionStore } from '@sess/core/store';
import { describeError, describeValue } from './describe-value.ts';

/** How many calls a failure tells of. */
const SHOWN_CALLS = 12;
const OPERATIONS: readonly PropertyKey[] = ['get', 'save', 'commit', 'list', 'delete', 'close'];

/** Remembers what was asked of stores, and what came of it, for the message of a failure. */
export class CallLog {
  #calls: { asked: string; outcome: string }[] = [];
  #count = 0;

  /** The newest calls, oldest first, one a line. */
  get lines(): readonly string[] {
    const first = this.#count - this.#calls.length;
    const lines = this.#calls.map(({ asked, outcome }, index) => `${first + index + 1}. ${asked}: ${outcome}`);
    return first === 0 ? lines : [`… ${first} calls before`, ...lines];
  }

  /** The same store, whose calls are remembered. A store without some of the operations goes on without them. */
  watch<S extends SessionStore>(store: S, name: string): S {
    return new Proxy(store, {
      get: (target, property) => {
        const value = Reflect.get(target, property, target);
        if (typeof value !== 'function' || !OPERATIONS.includes(property)) return value;
        return (...args: unknown[]) => {
          const asked = `${name}.${String(property)}(${args.map((arg) => describeValue(arg, 160)).join(', ')})`;
          return this.#follow(asked, () => value.apply(target, args));
        };
      },
    });
  }

  async #follow(asked: string, operation: () => unknown): Promise<unknown> {
    const call = { asked, outcome: 'under way' };
    this.#calls.push(call);
    this.#count += 1;
    if (this.#calls.length > SHOWN_CALLS) this.#calls.shift();
    try {
      const answer = await operation();
      call.outcome = answer === undefined ? 'resolved' : describeValue(answer, 160);
      return answer;
    } catch (error) {
      call.outcome = `rejected ${describeError(error)}`;
      throw error;
    }
  }
}
