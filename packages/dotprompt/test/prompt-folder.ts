import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { MessageData } from '@sess/core';
import { onTestFinished } from 'vitest';

/** A folder with these files, by path, which is gone after the test. */
export async function promptFolder(files: Record<string, string | Uint8Array>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sess-prompts-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const [file, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), content);
  }
  return folder;
}

/** Messages as lines: `system: Be kind.` */
export function linesOf(messages: readonly MessageData[] = []): string[] {
  return messages.map(({ role, content }) => `${role}: ${content.map(({ text }) => text ?? '…').join('|')}`);
}
