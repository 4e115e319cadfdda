import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

/** What each process does in a round: create the session where it is not to be deleted, then change it. */
export interface Round {
  readonly sessionId: string;
  readonly seed: number;
  readonly commits: number;
  /** The first process deletes the session, which is there already, after so many commits. */
  readonly deletesAfter?: number;
}

export interface RoundResult {
  acknowledged: { name: string; kind: 'create' | 'shared' | 'own' | 'state' }[];
  /** Changes that may have landed. */
  unknown: string[];
  deleted?: boolean;
  failed?: string;
}

const PROCESSES = 4;

/** Four processes, which race in rounds. */
export class Race {
  readonly #workers: ChildProcess[];

  private constructor(workers: ChildProcess[]) {
    this.#workers = workers;
  }

  /**
   * Starts the processes and waits until they are ready.
   *
   * @param worker The program of each: it opens its store as the settings say, and calls `serveRounds`.
   * @param settings JSON, which each gets with its number (`writer`) as its only argument.
   */
  static async start(worker: URL, settings: object): Promise<Race> {
    const workers = Array.from({ length: PROCESSES }, (_, writer) =>
      fork(worker, [JSON.stringify({ ...settings, writer })], { execArgv: [] }),
    );
    await Promise.all(workers.map((worker) => once(worker, 'message'))); // ready
    return new Race(workers);
  }

  /** Lets all of them run, and resolves to what each one answers. */
  async run(round: Round): Promise<RoundResult[]> {
    const results = await Promise.all(
      this.#workers.map(async (worker) => {
        const answer = once(worker, 'message');
        worker.send(round);
        return (await answer)[0] as RoundResult;
      }),
    );
    for (const { failed } of results) if (failed !== undefined) throw new Error(failed);
    return results;
  }

  async stop(): Promise<void> {
    await Promise.all(
      this.#workers.map(async (worker) => {
        const ended = once(worker, 'exit');
        worker.disconnect();
        await ended;
      }),
    );
  }
}
