// `npm run check`: everything but the tests. With arguments, only the steps named; every step runs, also after one failed.
import { build, quietly } from './bootstrap.mjs';
import { command } from './command.ts';

const script = (name: string) => () => command(process.execPath, [`scripts/${name}.ts`]);
const colors = process.stdout.isTTY ? 'force' : 'off';

const steps: Record<string, () => Promise<number>> = {
  lint: () => command('biome', ['ci', '--error-on-warnings', `--colors=${colors}`, '.']),
  build: () => build(),
  typecheck: async () =>
    (await quietly('turbo', ['run', 'typecheck', '--output-logs=errors-only', '--log-order=grouped', '--ui=stream'])) ||
    (await command('tsc', ['--project', 'scripts'])),
  imports: script('check-imports'),
  size: script('check-size'),
  packages: script('check-packages'),
  installed: script('check-installed'),
  api: script('check-api'),
};

const wanted = process.argv.slice(2);
for (const name of wanted) {
  if (name in steps) continue;
  console.error(`There is no step "${name}". The steps are ${Object.keys(steps).join(', ')}.`);
  process.exit(2);
}

const failed: string[] = [];
for (const [name, run] of Object.entries(steps)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.log(`\n== ${name}`);
  if ((await run()) !== 0) failed.push(name);
}
console.log(failed.length === 0 ? '\nAll checks passed.' : `\nFAILED: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
