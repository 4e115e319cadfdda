import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ServerProcess } from './support/server-process.ts';

const readme = readFileSync(join(import.meta.dirname, '..', 'README.md'), 'utf8');

test('the curl commands of the README work', async ({ skip }) => {
  if (spawnSync('curl', ['--version']).status !== 0) return skip('no curl on this machine');
  const folder = mkdtempSync(join(tmpdir(), 'express-chat-'));
  try {
    const { url } = await ServerProcess.serve(folder, ['--delay', '0']);
    let id = '';
    const printed: string[] = [];
    for (const command of readme.match(/^curl .+$/gm) ?? []) {
      const here = command.replaceAll(/\bID\b/g, id).replace('localhost:3000', url);
      const { status, stdout } = spawnSync('sh', ['-c', `${here} --silent --fail-with-body`], { cwd: folder });
      expect([command, status]).toEqual([command, 0]);
      printed.push(String(stdout));
      id ||= /"sessionId":"([^"]+)"/.exec(String(stdout))?.[1] ?? '';
    }
    expect(printed).toEqual([
      '{"name":"ada"}',
      expect.stringContaining('"response":"Nice to meet you, Ada."'),
      expect.stringContaining('"response":"Your name is Ada."'),
      expect.stringMatching(/^event: start\n.+\n\nevent: done\n.+\n\n$/s),
      expect.stringContaining(id),
      expect.stringContaining('"text":"Your name is Ada."'),
      '{"stopped":false}',
      '',
    ]);
  } finally {
    await ServerProcess.killAll();
    rmSync(folder, { recursive: true, force: true });
  }
});
