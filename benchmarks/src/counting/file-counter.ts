import type { Cost, Counter } from './counter.ts';

type Native = (...args: unknown[]) => unknown;

/** Of this process so far. */
const total = { written: 0, read: 0, syncs: 0 };

/**
 * Counts what this process reads from and writes to files, and its syncs, whichever way of `node:fs` is taken: all of
 * them end in a few functions of Node's own binding. They are wrapped once and for good when this module is loaded,
 * since parts of Node that are loaded later keep the functions that they find. /proc/self/io would not do: it counts
 * what Node's threads tell each other too, which differs from run to run.
 */
export class FileCounter implements Counter {
  #before = { ...total };

  take(): Cost {
    const { written, read, syncs } = this.#before;
    this.#before = { ...total };
    return { roundTrips: total.syncs - syncs, sent: total.written - written, received: total.read - read };
  }
}

const binding = (process as unknown as { binding(name: string): Record<string, Native> }).binding('fs');

function wrap(name: string, around: (original: Native, args: unknown[]) => unknown): void {
  const original = binding[name];
  if (original === undefined) throw new Error(`This Node has no ${name}: the counting of files must be looked at.`);
  binding[name] = (...args) => around(original, args);
}

function wrapWrite(name: string, sizeOf: (...args: unknown[]) => number): void {
  wrap(name, (original, args) => {
    const isStandardOutput = args[0] === 1 || args[0] === 2;
    if (!isStandardOutput) total.written += sizeOf(...args);
    return original(...args);
  });
}

/** What was read is told at once, by a promise, or to the request object that comes last. */
function wrapRead(name: string, sizeOf: (result: unknown) => number): void {
  const see = (result: unknown) => {
    total.read += sizeOf(result);
  };
  wrap(name, (original, args) => {
    const request = args.at(-1) as { oncomplete?: Native } | undefined;
    if (typeof request?.oncomplete === 'function') {
      const complete = request.oncomplete;
      request.oncomplete = function (this: unknown, error, result, ...rest) {
        if (!error) see(result);
        return complete.call(this, error, result, ...rest);
      };
      return original(...args);
    }
    const result = original(...args);
    if (result instanceof Promise) result.then(see, () => {});
    else see(result);
    return result;
  });
}

const textBytes = (text: unknown) => Buffer.byteLength(String(text));

wrapWrite('writeBuffer', (_file, _buffer, _offset, length) => Number(length));
wrapWrite('writeBuffers', (_file, buffers) => (buffers as Uint8Array[]).reduce((sum, { length }) => sum + length, 0));
wrapWrite('writeString', (_file, text) => textBytes(text));
wrapWrite('writeFileUtf8', (_file, text) => textBytes(text));
wrapRead('read', Number);
wrapRead('readBuffers', Number);
wrapRead('readFileUtf8', textBytes);
for (const name of ['fsync', 'fdatasync']) {
  wrap(name, (original, args) => {
    total.syncs += 1;
    return original(...args);
  });
}
