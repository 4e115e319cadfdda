// Loads every entry of every built package by its public name, on whichever Node runs this, then each package's own
// `test/smoke.mjs` where there is one. Plain JavaScript: it has to run on Node 20.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folders = [...readdirSync(join(root, 'packages')).map((name) => join('packages', name)), 'conformance'];

for (const folder of folders) {
  const file = join(root, folder, 'package.json');
  if (!existsSync(file)) continue;
  const manifest = JSON.parse(readFileSync(file, 'utf8'));
  if (manifest.private) continue;
  for (const entry of Object.keys(manifest.exports)) {
    // The Vitest entry loads inside a Vitest run only; the suites load it there.
    if (entry.endsWith('.json') || entry === './vitest') continue;
    const name = manifest.name + entry.slice(1);
    const load = `const entry = await import(${JSON.stringify(name)});
      if (Object.keys(entry).length === 0) throw new Error('it exports nothing');`;
    check(`load ${name}`, join(root, folder), ['--input-type=module', '--eval', load]);
  }
  const own = join(root, folder, 'test', 'smoke.mjs');
  if (existsSync(own)) check(`${folder}/test/smoke.mjs`, join(root, folder), [own]);
}

function check(name, cwd, args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd, encoding: 'utf8', timeout: 60_000 });
  const passed = status === 0;
  if (!passed) process.stderr.write(`FAIL ${name}\n${stdout}${stderr}\n`);
  process.stdout.write(`${JSON.stringify({ name, state: passed ? 'passed' : 'failed' })}\n`);
}
