import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { ConformanceFailure } from '../failure.ts';
import type { WorkerMessage, WorkerOptions } from './task.ts';

/** A process of its own that works on a target. */
export class ForkedWorker {
  /** What the store acknowledged, in order. */
  readonly landed: string[] = [];
  readonly #child: ChildProcess;
  readonly #ready: Promise<void>;
  readonly #ended: Promise<void>;
  #onLanded: (count: number) => void = () => {};

  constructor(options: WorkerOptions) {
    // Not the parent's flags: a test framework's loader would come along with them.
    this.#child = fork(new URL('./worker.js', import.meta.url), [JSON.stringify(options)], { execArgv: [] });
    let isReady: () => void = () => {};
    let failReady: (error: Error) => void = () => {};
    this.#ready = new Promise((resolve, reject) => {
      isReady = resolve;
      failReady = reject;
    });
    let done = false;
    this.#ended = new Promise((resolve, reject) => {
      const fail = (reason: string) => {
        const failure = new ConformanceFailure(`a process of its own must do its work, and failed with ${reason}`);
        failReady(failure);
        reject(failure);
      };
      this.#child.on('message', (message: WorkerMessage) => {
        if (message.kind === 'ready') isReady();
        else if (message.kind === 'landed') this.#onLanded(this.landed.push(message.name));
        else if (message.kind === 'failed') fail(message.reason);
        else done = true;
      });
      this.#child.once('error', (error) => fail(error.message));
      this.#child.once('close', (code, signal) => {
        if (done || signal === 'SIGKILL') resolve();
        else fail(`exit code ${code}, signal ${signal}`);
      });
    });
    // Awaited later, or not at all where an earlier step fails.
    this.#ready.catch(() => {});
    this.#ended.catch(() => {});
  }

  /** Resolves when the process stands at the start gate. */
  get ready(): Promise<void> {
    return this.#ready;
  }

  /** Resolves when it has done its work, or was killed. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  /** Opens the start gate. */
  go(): void {
    this.#child.send('go');
  }

  /** Kills the process a moment (ms) after it has told of so many changes: in the middle of a later one, as a rule. */
  killAfter(count: number, momentMs: number): void {
    this.#onLanded = (landed) => {
      if (landed === count) setTimeout(() => this.#child.kill('SIGKILL'), momentMs);
    };
  }

  /** Ends the process, whatever it does. */
  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const closed = once(this.#child, 'close');
    this.#child.kill('SIGKILL');
    await closed;
  }
}

/** Forks one process for each task, opens the gate when all stand at it, and resolves when all have ended. */
export async function runWorkers(options: readonly WorkerOptions[]): Promise<ForkedWorker[]> {
  const workers = options.map((it) => new ForkedWorker(it));
  try {
    await Promise.all(workers.map(({ ready }) => ready));
    for (const worker of workers) worker.go();
    await Promise.all(workers.map(({ ended }) => ended));
    return workers;
  } finally {
    await Promise.all(workers.map((worker) => worker.end()));
  }
}
