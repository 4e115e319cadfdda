import type { Cost, Counter } from './counter.ts';

type Native = (...args: unknown[]) => unknown;

/** Standard output and error are not part of what is measured. */
const isOurs = (descriptor: unknown) => descriptor !== 1 && descriptor !== 2;

/**
 * Counts what this process reads from and writes to files, and its syncs, whichever way of `node:fs` is taken: all of
 * them end in a few functions of Node's own binding, which are wrapped here. /proc/self/io would not do: it counts what
 * Node's threads tell each other too, which differs from run to run.
 */
export class FileCounter implements Counter {
  readonly #restore: (() => void)[] = [];
  #written = 0;
  #read = 0;
  #syncs = 0;

  constructor() {
    const written = (bytes: number) => {
      this.#written += bytes;
    };
    const read = (bytes: number) => {
      this.#read += bytes;
    };
    this.#wrap('writeBuffer', ([file, , , length]) => isOurs(file) && written(Number(length)));
    this.#wrap('writeBuffers', ([, buffers]) => written(sizeOf(buffers as Uint8Array[])));
    this.#wrap('writeString', ([file, text]) => isOurs(file) && written(Buffer.byteLength(String(text))));
    this.#wrap('writeFileUtf8', ([file, text]) => isOurs(file) && written(Buffer.byteLength(String(text))));
    this.#wrapResult('read', (bytes) => read(Number(bytes)));
    this.#wrapResult('readBuffers', (bytes) => read(Number(bytes)));
    this.#wrapResult('readFileUtf8', (text) => read(Buffer.byteLength(String(text))));
    for (const name of ['fsync', 'fdatasync']) {
      this.#wrap(name, () => {
        this.#syncs += 1;
      });
    }
  }

  take(): Cost {
    const cost = { roundTrips: this.#syncs, sent: this.#written, received: this.#read };
    this.#written = 0;
    this.#read = 0;
    this.#syncs = 0;
    return cost;
  }

  stop(): void {
    for (const restore of this.#restore.splice(0)) restore();
  }

  #wrap(name: string, see: (args: unknown[]) => void): void {
    this.#replace(name, (original) => (...args) => {
      see(args);
      return original(...args);
    });
  }

  /** Sees what the function answers: at once, by a promise, or to the request object among its arguments. */
  #wrapResult(name: string, see: (result: unknown) => void): void {
    this.#replace(name, (original) => (...args) => {
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
      if (result instanceof Promise) return result.then((value) => (see(value), value));
      see(result);
      return result;
    });
  }

  #replace(name: string, wrap: (original: Native) => Native): void {
    const original = binding[name];
    if (original === undefined) throw new Error(`This Node has no ${name}: the counting of files must be looked at.`);
    binding[name] = wrap(original);
    this.#restore.push(() => {
      binding[name] = original;
    });
  }
}

const binding = (process as unknown as { binding(name: string): Record<string, Native> }).binding('fs');

function sizeOf(buffers: readonly Uint8Array[]): number {
  return buffers.reduce((total, { byteLength }) => total + byteLength, 0);
}
