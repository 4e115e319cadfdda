import type { RequestSplitter, Requests } from './request-splitter.ts';

const LINE_FEED = 10;

/** Redis's protocol: `*2\r\n$3\r\nGET\r\n$3\r\nkey\r\n`. */
export class RedisRequests implements RequestSplitter {
  #line = '';
  /** Of the request that is arriving: arguments whose length is not known yet. */
  #argumentsLeft = 0;
  /** Of the argument that is arriving. */
  #bytesLeft = 0;
  #size = 0;

  take(data: Buffer): Requests {
    let count = 0;
    let bytes = 0;
    for (let at = 0; at < data.length; ) {
      const start = at;
      if (this.#bytesLeft > 0) {
        at = Math.min(data.length, at + this.#bytesLeft);
        this.#bytesLeft -= at - start;
      } else {
        const end = data.indexOf(LINE_FEED, at);
        at = end < 0 ? data.length : end + 1;
        this.#line += data.toString('latin1', start, at);
        if (end >= 0) this.#readLine();
      }
      this.#size += at - start;
      if (this.#argumentsLeft > 0 || this.#bytesLeft > 0 || this.#line !== '') continue;
      count += 1;
      bytes += this.#size;
      this.#size = 0;
    }
    return { count, bytes };
  }

  #readLine(): void {
    const value = Number.parseInt(this.#line.slice(1), 10);
    if (this.#line.startsWith('*')) this.#argumentsLeft = value;
    else if (this.#line.startsWith('$')) {
      this.#argumentsLeft -= 1;
      this.#bytesLeft = value + 2;
    }
    this.#line = '';
  }
}
