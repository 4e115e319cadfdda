import { spawn } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import type { Workshop } from './workshop.ts';

export interface CommandResult {
  readonly stdout: string;
  /** What went wrong, with what the command printed; undefined where nothing did. */
  readonly problem: string | undefined;
}

/** A run of the conformance kit is the longest. */
const timeoutMs = 300_000;

/** Runs a command with the workshop's packages, on this Node, with no input and no network for npm. */
export async function runCommand(
  workshop: Workshop,
  folder: string,
  command: string,
  args: readonly string[],
): Promise<CommandResult> {
  const child = spawn(command, args, { cwd: folder, env: environment(workshop), stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  const end = await new Promise<string>((resolve) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      resolve(signal === null ? `exit code ${code}` : `ended by ${signal} (limit: ${timeoutMs} ms)`);
    });
  });
  const succeeded = end === 'exit code 0';
  return {
    stdout: output.stdout,
    problem: succeeded ? undefined : [end, output.stdout, output.stderr].join('\n').trim(),
  };
}

/** This process's environment without what a test runner and our own commands put into it. */
function environment(workshop: Workshop): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(VITEST|SESS_|NODE_ENV$|FORCE_COLOR$)/.test(name),
  );
  const path = [join(workshop.folder, 'node_modules', '.bin'), dirname(process.execPath), process.env.PATH];
  return {
    ...Object.fromEntries(inherited),
    PATH: path.join(delimiter),
    NO_COLOR: '1',
    npm_config_offline: 'true',
    npm_config_yes: 'false',
  };
}
