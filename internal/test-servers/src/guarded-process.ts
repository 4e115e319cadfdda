import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { join } from 'node:path';

/** A server's process, which does not outlive this one. */
export class GuardedProcess {
  readonly #guard: ChildProcess;
  readonly #ended: Promise<unknown>;

  /** @param log The file that the server's output is appended to. */
  constructor(file: string, args: readonly string[], log: string) {
    const output = openSync(log, 'a');
    this.#guard = spawn(process.execPath, [join(import.meta.dirname, 'guard.mjs'), file, ...args], {
      stdio: ['pipe', output, output],
    });
    this.#guard.stdin?.on('error', () => {}); // it has ended already
    this.#ended = once(this.#guard, 'exit');
  }

  get hasEnded(): boolean {
    return this.#guard.exitCode !== null || this.#guard.signalCode !== null;
  }

  /** Kills the server as a power cut would, and waits for its end. */
  async kill(): Promise<void> {
    this.#guard.stdin?.end();
    await this.#ended;
  }
}
