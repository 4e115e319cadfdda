import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { journalPath, linesOf, testFolder } from './support/folder.ts';
import { openStore } from './support/open-store.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

function blocks(language: string): string[] {
  return [...readme.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs'))].map(([, block]) => block as string);
}

test('the example works as it stands', () => {
  const [example, ...more] = blocks('ts');
  expect(more).toEqual([]);
  // Next to the tests, so that the packages are found as in an application; what it stores goes elsewhere.
  const file = new URL(`./readme-example-${process.pid}.ts`, import.meta.url);
  writeFileSync(file, example as string);
  const folder = testFolder();
  try {
    for (let run = 0; run < 2; run++) {
      const { stdout, stderr, status } = spawnSync(process.execPath, [file.pathname], {
        cwd: folder,
        encoding: 'utf8',
      });
      expect({ stdout, stderr, status }).toEqual({ stdout: 'Your name is Pavel.\n', stderr: '', status: 0 });
    }
  } finally {
    execFileSync('rm', [file.pathname]);
  }
  expect(readdirSync(join(folder, '.sess'))).toEqual(['user-42']);
});

test('the commands that show a file do', async ({ skip }) => {
  const folder = testFolder();
  await openStore({ folder: join(folder, '.sess') }).save('user-42', { state: { a: 1 } });
  const path = journalPath(folder);
  const show = blocks('sh')[1]?.replace(/ \| jq \.\n/, '') as string;
  const shown = execFileSync('sh', ['-c', show], { cwd: folder, encoding: 'utf8' }).trim().split('\n');
  expect(shown.map((line) => JSON.parse(line))).toEqual(linesOf(path));

  const { read, sum } = linesOf(path)[1] as { read: number; sum: string };
  const check = /`(head -c READ.*?)`/.exec(readme)?.[1]?.replace('READ', String(read)).replace('FILE', path) as string;
  if (spawnSync('sh', ['-c', 'command -v gzip od'], { encoding: 'utf8' }).status !== 0)
    return skip('there is no gzip or od');
  expect(execFileSync('sh', ['-c', check], { encoding: 'utf8' }).trim()).toBe(sum);
});

test('the example of a file begins as a file does', async () => {
  const folder = testFolder();
  const store = openStore({ folder, clock: () => 1_800_000_000_000 });
  const append = [{ role: 'user' as const, content: [{ text: 'Hi' }] }];
  await store.commit('user-42', { changeId: 'c1', life: null, threads: { main: { base: null, keep: 0, append } } });
  const [first, , second] = readFileSync(journalPath(folder), 'utf8').trim().split('\n');
  expect(readme.split('\n')).toContain(first);
  expect(readme.split('\n')).toContain(second);
});

test('the options are those that there are', () => {
  const options = [...readme.matchAll(/^\| `(\w+)` \| /gm)].map(([, name]) => name);
  const source = readFileSync(new URL('../src/file-store.ts', import.meta.url), 'utf8');
  for (const option of ['folder', 'fsync', 'sweepIntervalMs', 'maxOpenFiles', 'ttl', 'clock'])
    expect(options).toContain(option);
  for (const option of options.slice(0, 6)) expect(`${source} ttl clock`).toContain(option);
});
