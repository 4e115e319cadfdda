import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

const main = join(import.meta.dirname, '..', '..', 'dist', 'main.js');

// npm, which may run these tests, tells its programs where it was started; a provider's key would have its model asked.
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => name !== 'INIT_CWD' && !name.endsWith('_API_KEY')),
);

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The server in a process of its own. */
export class ServerProcess {
  static readonly #running = new Set<ServerProcess>();
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcess;
  #stdout = '';
  #stderr = '';
  readonly #url: Promise<string>;

  /** Starts it on a free port. */
  static async serve(
    folder: string,
    args: string[],
    variables: Record<string, string> = {},
  ): Promise<{ server: ServerProcess; url: string }> {
    const server = new ServerProcess(folder, ['--port', '0', ...args], variables);
    return { server, url: await server.#url };
  }

  /** Runs it to its end. */
  static run(folder: string, args: string[], input = ''): Promise<Ended> {
    const server = new ServerProcess(folder, args, {});
    server.#url.catch(() => {});
    server.#child.stdin?.end(input);
    return server.ended;
  }

  /** Ends what a failed test has left behind. */
  static async killAll(): Promise<void> {
    await Promise.all([...ServerProcess.#running].map((server) => server.kill('SIGKILL')));
  }

  private constructor(folder: string, args: string[], variables: Record<string, string>) {
    const child = spawn(process.execPath, [main, ...args], { cwd: folder, env: { ...environment, ...variables } });
    this.#child = child;
    ServerProcess.#running.add(this);
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    this.ended = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => {
        ServerProcess.#running.delete(this);
        resolve({ code, stdout: this.#stdout, stderr: this.#stderr });
      });
    });
    this.#url = new Promise((resolve, reject) => {
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        this.#stdout += text;
        const url = /^Open (http:\S+)\/ in a browser\.$/m.exec(this.#stdout)?.[1];
        if (url !== undefined) resolve(url);
      });
      this.ended.then(({ stderr }) => reject(new Error(`The server has ended: ${stderr}`)), reject);
    });
  }

  kill(signal: NodeJS.Signals): Promise<Ended> {
    this.#child.kill(signal);
    return this.ended;
  }
}
