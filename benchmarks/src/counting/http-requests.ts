import type { RequestSplitter, Requests } from './request-splitter.ts';

const END_OF_HEAD = '\r\n\r\n';

/** HTTP/1.1, with bodies whose length is told beforehand, as the AWS SDK sends them. */
export class HttpRequests implements RequestSplitter {
  #head = '';
  /** Of the body; undefined while the head is arriving. */
  #bytesLeft: number | undefined;
  #size = 0;

  take(data: Buffer): Requests {
    let count = 0;
    let bytes = 0;
    for (let at = 0; at < data.length; ) {
      const start = at;
      if (this.#bytesLeft === undefined) at = this.#readHead(data, at);
      else {
        at = Math.min(data.length, at + this.#bytesLeft);
        this.#bytesLeft -= at - start;
      }
      this.#size += at - start;
      if (this.#bytesLeft !== 0) continue;
      count += 1;
      bytes += this.#size;
      this.#bytesLeft = undefined;
      this.#size = 0;
    }
    return { count, bytes };
  }

  /** Where the head, or what has arrived of it, ends. */
  #readHead(data: Buffer, start: number): number {
    const before = this.#head.length;
    const head = this.#head + data.toString('latin1', start);
    const end = head.indexOf(END_OF_HEAD);
    if (end < 0) {
      this.#head = head;
      return data.length;
    }
    const [, length = '0'] = /^content-length: *(\d+)/im.exec(head.slice(0, end)) ?? [];
    this.#bytesLeft = Number(length);
    this.#head = '';
    return start + end + END_OF_HEAD.length - before;
  }
}
