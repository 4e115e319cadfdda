import type { ChatChunk, ChatResponse } from './chat-response.ts';

/** What a turn is given to run with. */
export interface TurnControls {
  /** Shows a piece of the answer to whoever reads the turn's stream. */
  emit(chunk: ChatChunk): void;
  /** Fires when the turn is aborted. */
  signal: AbortSignal;
}

/**
 * One question and its answer: a promise of the response that can also be read piece by piece. It starts at once and
 * runs to its end whether or not somebody reads it; a loop that is left early only stops reading.
 *
 * The promise and each loop end after the answer is stored. Any number of loops, early or late, see all pieces.
 *
 * @example
 * ```ts
 * import { sess } from '@sess/core';
 * import { demoModel } from '@sess/core/testing';
 *
 * const turn = sess({ model: demoModel() }).chat().send('My name is Pavel.');
 * for await (const chunk of turn) process.stdout.write(chunk.text);
 * console.log((await turn).finishReason);
 * ```
 */
export class Turn<Output = unknown> extends Promise<ChatResponse<Output>> implements AsyncIterable<ChatChunk> {
  /** What `then` makes is a plain promise. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  readonly #chunks: ChatChunk[] = [];
  readonly #controller = new AbortController();
  #isSettled = false;
  #wakeReaders: () => void = () => {};
  #news: Promise<void> = this.#nextNews();

  /** Starts a turn. `run` is called at once; whatever it throws rejects the turn. */
  static start<Output>(run: (controls: TurnControls) => Promise<ChatResponse<Output>>): Turn<Output> {
    let settle: [(response: ChatResponse<Output>) => void, (error: unknown) => void] = [() => {}, () => {}];
    const turn = new Turn<Output>((resolve, reject) => {
      settle = [resolve, reject];
    });
    const emit = (chunk: ChatChunk) => {
      turn.#chunks.push(chunk);
      turn.#announce();
    };
    const end = () => {
      turn.#isSettled = true;
      turn.#announce();
    };
    const running = (async () => run({ emit, signal: turn.#controller.signal }))();
    running.then(...settle).finally(end);
    return turn;
  }

  /** The pieces of the answer. */
  get stream(): AsyncIterable<ChatChunk> {
    return { [Symbol.asyncIterator]: () => this[Symbol.asyncIterator]() };
  }

  /** The turn itself, under Genkit's name. */
  get response(): this {
    return this;
  }

  /** The turn itself, under Agentick's name. */
  get result(): this {
    return this;
  }

  /**
   * Ends the turn: the model's signal fires, nothing more is generated, and what was finished stays. The promise
   * rejects with ABORTED.
   */
  abort(reason?: unknown): void {
    this.#markHandled();
    this.#controller.abort(reason);
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<ChatChunk> {
    this.#markHandled();
    let position = 0;
    let isLeft = false;
    const done = { value: undefined, done: true } as const;
    const next = async (): Promise<IteratorResult<ChatChunk>> => {
      while (!isLeft) {
        const chunk = this.#chunks[position];
        if (chunk !== undefined) {
          position += 1;
          return { value: chunk, done: false };
        }
        if (this.#isSettled) {
          isLeft = true;
          await this; // a failed turn fails its readers too
          break;
        }
        await this.#news;
      }
      return done;
    };
    const leave = async (): Promise<IteratorResult<ChatChunk>> => {
      isLeft = true;
      return done;
    };
    return {
      next,
      return: leave,
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  #nextNews(): Promise<void> {
    return new Promise((resolve) => {
      this.#wakeReaders = resolve;
    });
  }

  #announce(): void {
    const wake = this.#wakeReaders;
    this.#news = this.#nextNews();
    wake();
  }

  /** Whoever reads the stream, or aborts, hears of a failure in his own way. */
  #markHandled(): void {
    this.catch(() => {});
  }
}
