import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Backend, Place } from '../contender.ts';

/** What a process is told that stores turns by itself. */
export interface WorkerOptions {
  readonly backend: Backend;
  readonly contender: string;
  readonly place: Place;
  readonly sessionId: string;
  /** Its own name, which its messages carry. */
  readonly writer: string;
  /** The first turn's number, and how many follow at most. */
  readonly from: number;
  readonly turns: number;
}

/** What it tells: that it is ready; each turn that was acknowledged, or refused; that it has ended. */
export type WorkerNews = 'ready' | 'ended' | { readonly acknowledged: number } | { readonly refused: string };

/** Starts one and waits until it is ready. It begins once it is sent anything. */
export async function startWorker(options: WorkerOptions): Promise<ChildProcess> {
  const file = fileURLToPath(new URL('./worker-main.ts', import.meta.url));
  const worker = fork(file, [JSON.stringify(options)], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], execArgv: [] });
  let said = '';
  worker.stderr?.on('data', (text) => {
    said += text;
  });
  const exit = once(worker, 'exit').then(([code]) => {
    throw new Error(`A process ended before it was ready (${code}): ${said.slice(-1_000)}`);
  });
  exit.catch(() => {}); // after it was ready, its end is expected
  await Promise.race([once(worker, 'message'), exit]);
  return worker;
}
