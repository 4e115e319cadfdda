import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';

const main = join(import.meta.dirname, '..', 'dist', 'main.js');

/** Why there is no terminal to be had on this machine; undefined where there is one. */
export const noTerminal =
  spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') === true
    ? undefined
    : 'no script command of util-linux on this machine';

// npm, which may run these tests, tells its programs where and how it was started.
const { INIT_CWD: _, npm_lifecycle_event: __, ...inherited } = process.env;

// A provider's key would have its model asked.
const environment = Object.fromEntries(Object.entries(inherited).filter(([name]) => !name.endsWith('_API_KEY')));

/** The environment of somebody who types commands. */
export const userEnvironment = { ...environment, TERM: 'dumb' };

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The console chat in a process of its own. */
export class Program {
  static readonly #running = new Set<Program>();
  readonly ended: Promise<Ended>;
  /** What it has printed so far. */
  stdout = '';
  readonly #child: ChildProcessWithoutNullStreams;
  #stderr = '';
  /** Up to where the output was waited for. */
  #seen = 0;
  #onOutput = () => {};

  /** Talks to the program through pipes. */
  static start(folder: string, ...args: string[]): Program {
    return new Program(folder, process.execPath, [main, ...args]);
  }

  /** The same, with more in the environment. */
  static startWith(variables: Record<string, string>, folder: string, ...args: string[]): Program {
    return new Program(folder, process.execPath, [main, ...args], variables);
  }

  /** Talks to the program through a terminal. */
  static startInTerminal(folder: string, ...args: string[]): Program {
    const command = [process.execPath, main, ...args].map((word) => `'${word}'`).join(' ');
    return new Program(folder, 'script', ['--quiet', '--flush', '--return', '--command', command, '/dev/null']);
  }

  /** Runs the program to its end with these lines as its whole input. */
  static async run(folder: string, args: string[], ...lines: string[]): Promise<Ended> {
    const program = Program.start(folder, ...args);
    for (const line of lines) program.enter(line);
    return program.end();
  }

  /** Ends what a failed test has left behind. */
  static async killAll(): Promise<void> {
    const running = [...Program.#running];
    for (const program of running) program.kill('SIGKILL');
    await Promise.all(running.map(({ ended }) => ended));
  }

  private constructor(folder: string, command: string, args: string[], variables: Record<string, string> = {}) {
    this.#child = spawn(command, args, { cwd: folder, env: { ...userEnvironment, ...variables } });
    this.#child.stdin.on('error', () => {}); // it ended before it read everything, as some tests want
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
      this.#onOutput();
    });
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    Program.#running.add(this);
    this.ended = new Promise((resolve, reject) => {
      this.#child.once('error', reject);
      this.#child.once('close', (code, signal) => {
        Program.#running.delete(this);
        resolve({ code, signal, stdout: this.stdout, stderr: this.#stderr });
      });
    });
  }

  enter(line: string): void {
    this.type(`${line}\n`);
  }

  type(keys: string): void {
    this.#child.stdin.write(keys);
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Resolves once the output after what was waited for before has `text` in it. */
  async until(text: string): Promise<void> {
    const found = new Promise<void>((resolve) => {
      this.#onOutput = () => {
        const at = this.stdout.indexOf(text, this.#seen);
        if (at < 0) return;
        this.#seen = at + text.length;
        this.#onOutput = () => {};
        resolve();
      };
      this.#onOutput();
    });
    const ended = this.ended.then(({ stdout, stderr }) => {
      if (this.stdout.indexOf(text) < 0) throw new Error(`It ended without printing "${text}":\n${stdout}\n${stderr}`);
    });
    await Promise.race([found, ended]);
  }

  /** Ends the input, and waits for the program. */
  end(): Promise<Ended> {
    this.#child.stdin.end();
    return this.ended;
  }
}
