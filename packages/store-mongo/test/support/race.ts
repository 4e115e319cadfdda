import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** What a process is told to do. */
export interface Race {
  readonly seed: number;
  readonly worker: number;
  readonly commits: number;
}

/** What the store has acknowledged to a process. */
export interface Acknowledged {
  /** Names of the changes, in order; each appended two messages of that name. */
  shared: string[];
  /** The same for a thread that is only this process's; one message each. */
  own: string[];
  /** By how much the state was raised. */
  increments: number;
  /** Whether it created the session that all tried to create. */
  created: boolean;
  /** Lives that it was told it had ended; another may have taken their place in between. */
  deleted: string[];
  /** Lives that it began. */
  reborn: string[];
}

/** Processes that race with each other, started once for many races. */
export class Racers {
  readonly #processes: readonly ChildProcess[];

  private constructor(processes: readonly ChildProcess[]) {
    this.#processes = processes;
  }

  static async start(count: number, { url, prefix }: { url: string; prefix: string }): Promise<Racers> {
    const program = join(import.meta.dirname, 'race-worker.ts');
    const processes = Array.from({ length: count }, () => fork(program, [url, prefix], { execArgv: [] }));
    await Promise.all(processes.map((process) => answer(process)));
    return new Racers(processes);
  }

  /** All at once; resolves what was acknowledged to each. */
  async race(seed: number, commits: number): Promise<Acknowledged[]> {
    return Promise.all(
      this.#processes.map(async (process, worker) => {
        const done = answer(process);
        process.send({ seed, worker, commits } satisfies Race);
        return (await done) as Acknowledged;
      }),
    );
  }

  async end(): Promise<void> {
    await Promise.all(
      this.#processes.map(async (process) => {
        const ended = once(process, 'exit');
        process.disconnect();
        await ended;
      }),
    );
  }
}

async function answer(process: ChildProcess): Promise<unknown> {
  const ended = new AbortController();
  const end = once(process, 'exit', { signal: ended.signal }).then(([code]) => {
    throw new Error(`a racing process ended with ${code}`);
  });
  const message = once(process, 'message', { signal: ended.signal }).then(([value]) => value);
  try {
    const value = await Promise.race([message, end]);
    if (value !== null && typeof value === 'object' && 'failed' in value) throw new Error(value.failed);
    return value;
  } finally {
    ended.abort();
    end.catch(() => {});
    message.catch(() => {});
  }
}
