import type { RequestSplitter, Requests } from './request-splitter.ts';

/** Up to where the command's name is: header (16), flags (4), kind (1), length (4), type (1), and a name. */
const HEAD_BYTES = 64;
const NAME_AT = 26;
const OPERATION_AT = 12;
const OP_MSG = 2013;
/** How a driver watches the server, at times of its own. */
const WATCHING: readonly string[] = ['hello', 'ismaster', 'isMaster', 'ping'];

/** MongoDB's protocol. A driver's watching of the server is passed over. */
export class MongodbRequests implements RequestSplitter {
  #head = Buffer.alloc(0);
  #size = 0;

  take(data: Buffer): Requests {
    let count = 0;
    let bytes = 0;
    for (let at = 0; at < data.length; ) {
      const start = at;
      if (this.#head.length < HEAD_BYTES) {
        const missing = Math.min(HEAD_BYTES, this.#length) - this.#head.length;
        at = Math.min(data.length, at + missing);
        this.#head = Buffer.concat([this.#head, data.subarray(start, at)]);
      } else {
        at = Math.min(data.length, at + this.#length - this.#size);
      }
      this.#size += at - start;
      if (this.#size < this.#length) continue;
      if (this.#isCommand()) {
        count += 1;
        bytes += this.#size;
      }
      this.#head = Buffer.alloc(0);
      this.#size = 0;
    }
    return { count, bytes };
  }

  /** Of the whole message; at least that of the number that says it. */
  get #length(): number {
    return this.#head.length < 4 ? 4 : this.#head.readInt32LE(0);
  }

  #isCommand(): boolean {
    if (this.#head.readInt32LE(OPERATION_AT) !== OP_MSG) return false; // the hello of old
    const name = this.#head.toString('latin1', NAME_AT, this.#head.indexOf(0, NAME_AT));
    return !WATCHING.includes(name);
  }
}
