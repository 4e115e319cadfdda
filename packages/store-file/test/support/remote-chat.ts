import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';

export interface ChatCall {
  id: number;
  name: 'open' | 'send' | 'hold' | 'answer' | 'sendMany' | 'increment' | 'reset' | 'delete';
  parameters: unknown[];
}

/** What a process tells: that it is up, that its model is at work, or what became of a call. */
export interface ChatReport {
  ready?: true;
  called?: true;
  id?: number;
  result?: unknown;
  code?: string;
}

/** A process that chats on a file store. It does not outlive the test. */
export class RemoteChat {
  /** Its held model has been called. */
  readonly called: Promise<void>;
  readonly #child: ChildProcess;
  readonly #reports = new Map<number, (report: ChatReport) => void>();
  #calls = 0;

  /** @param ahead How many ms the clock of the process is ahead. */
  static async start(folder: string, { ahead = 0 } = {}): Promise<RemoteChat> {
    const child = fork(new URL('./chat-process.ts', import.meta.url), [folder, String(ahead)], { execArgv: [] });
    onTestFinished(async () => {
      const isOver = child.exitCode !== null || child.signalCode !== null;
      if (!isOver) await Promise.all([once(child, 'exit'), child.kill('SIGKILL')]);
    });
    const chat = new RemoteChat(child);
    await once(child, 'message');
    return chat;
  }

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.called = new Promise((resolve) => {
      child.on('message', (report: ChatReport) => {
        if (report.called) resolve();
        if (report.id !== undefined) this.#reports.get(report.id)?.(report);
      });
    });
  }

  /** Resolves what the call gives, or the code of its error. */
  call(name: ChatCall['name'], ...parameters: unknown[]): Promise<unknown> {
    this.#calls += 1;
    const id = this.#calls;
    return new Promise((resolve) => {
      this.#reports.set(id, ({ code, result }) => resolve(code ?? result));
      this.#child.send({ id, name, parameters } satisfies ChatCall);
    });
  }

  async kill(): Promise<void> {
    const dead = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await dead;
  }

  stop(): void {
    this.#child.kill('SIGSTOP');
  }

  goOn(): void {
    this.#child.kill('SIGCONT');
  }
}
