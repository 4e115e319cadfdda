import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..', '..');

/** Commands that need no look, or that the rehearsal of a release or an example's own tests run. */
const known = [
  /^cd [\w./-]+$/,
  /^curl /,
  /^sed -n '[^']+' \S+ \| jq \.$/,
  /^git clone \S+$/,
  /^git (?:add --all|commit --message "[^"]+"|push --follow-tags)$/,
  /^\.ci\/run$/,
  /^npx pnpm@[\d.]+ install$/,
  /^npm create sess-store [\w@/-]+$/,
];

/** The commands of a shell block: one a line, without comments. */
export function shellCommands(code: string): string[] {
  return code
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .map((line) => line.replace(/(?:^|\s)#.*$/, '').trim())
    .filter((line) => line !== '');
}

/** Whether a command can be run here, as it stands. */
export function isRunnable(command: string): boolean {
  return /^(?:node|npx (?:sess-conformance|vitest)) /.test(command);
}

/** What is wrong with a command that is not run; undefined for one that is known to be right. */
export function problemWith(command: string): string | undefined {
  const install = /^npm (?:install|i)((?: (?:-[\w-]+|[\w@/.-]+))*)$/.exec(command);
  if (install !== null) {
    const unknown = (install[1] ?? '')
      .split(' ')
      .filter((name) => name.startsWith('@sess/') && !ourPackages().includes(name));
    return unknown.length === 0 ? undefined : `there is no package ${unknown.join(', ')}`;
  }
  const script = /^npm (?:run ([\w:-]+)|(start|test))(?: -- .+)?$/.exec(command.replace(/^printf '[^']*' \| /, ''));
  if (script !== null) {
    const name = script[1] ?? script[2] ?? '';
    return name in readManifest(root).scripts ? undefined : `the root package.json has no script ${name}`;
  }
  if (known.some((pattern) => pattern.test(command))) return undefined;
  return `unknown command: ${command}`;
}

function ourPackages(): string[] {
  const folders = ['conformance', ...readdirSync(join(root, 'packages')).map((name) => `packages/${name}`)];
  return folders.map((folder) => readManifest(join(root, folder)).name);
}

function readManifest(folder: string): { name: string; scripts: Record<string, string> } {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}
