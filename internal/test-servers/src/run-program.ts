import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Runs a program to its end and resolves to what it printed. Rejects with what it said where it fails. */
export async function runProgram(
  file: string,
  args: readonly string[],
  { env, timeoutMs = 300_000 }: { env?: Record<string, string>; timeoutMs?: number } = {},
): Promise<string> {
  const { stdout } = await execute(file, [...args], { env: { ...process.env, ...env }, timeout: timeoutMs });
  return stdout;
}
