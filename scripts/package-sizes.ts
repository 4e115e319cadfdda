import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './bootstrap.mjs';
import { bundledSize } from './bundled-size.ts';
import { filesOf } from './tarball.ts';
import { driversOf, type WorkspacePackage } from './workspace.ts';

/** A row of the table. Sizes are in bytes. */
export interface PackageSizes {
  name: string;
  tarball: number;
  unpacked: number;
  bundled: number;
  /** What it needs at run time beside core. */
  needs: string[];
  /** What installing it and what it needs puts beside core: packages, and their bytes on the disk. */
  added: { packages: number; bytes: number };
}

const page = join(root, 'docs', 'packages.md');
const table = /(?<=<!-- sizes: .+ -->\n\n)[\s\S]*?(?=\n\n<!-- \/sizes -->)/;

/** How far a figure may be off before the table is out of date. Of what others publish, the newest is installed. */
const tolerance = { own: 0.1, added: 0.3 };

/** Measures a package: its tarball, and a folder in which core, the package and what it needs are all that is installed. */
export function packageSizes({ folder, manifest }: WorkspacePackage, tarball: string, installed: string): PackageSizes {
  const main = manifest.exports?.['.'];
  if (typeof main !== 'object') throw new Error(`${manifest.name} has no main entry.`);
  const modules = join(installed, 'node_modules');
  const lock: { packages: Record<string, unknown> } = JSON.parse(
    readFileSync(join(modules, '.package-lock.json'), 'utf8'),
  );
  const added = Object.keys(lock.packages).filter((path) => path !== 'node_modules/@sess/core');
  return {
    name: manifest.name,
    tarball: statSync(tarball).size,
    unpacked: [...filesOf(tarball).values()].reduce((sum, text) => sum + Buffer.byteLength(text), 0),
    bundled: bundledSize(join(root, folder, main.default)),
    needs: [
      ...driversOf(manifest).map((driver) => driver.replace(/(.)@.*$/, '$1')),
      ...Object.keys(manifest.dependencies ?? {}),
    ],
    added: {
      packages: added.length,
      bytes: bytesBelow(modules) - bytesBelow(join(modules, '@sess', 'core')),
    },
  };
}

/** Writes the table. */
export function writeSizes(sizes: readonly PackageSizes[]): void {
  const text = readFileSync(page, 'utf8');
  if (!table.test(text)) throw new Error('docs/packages.md has no place for the table of sizes.');
  writeFileSync(page, text.replace(table, [...header, ...sizes.map((row) => cells(row))].join('\n')));
}

/** Whether the table has a row for each package, with figures that are near enough. Prints what is wrong. */
export function checkSizes(sizes: readonly PackageSizes[]): boolean {
  const rows = (table.exec(readFileSync(page, 'utf8'))?.[0] ?? '').split('\n').slice(header.length);
  const problems: string[] = [];
  if (rows.length !== sizes.length) problems.push(`${rows.length} rows for ${sizes.length} packages`);
  for (const size of sizes) {
    const now = cells(size);
    const row = rows.find((line) => line.startsWith(`| \`${size.name}\` |`));
    if (row === undefined || !isNear(row, now)) problems.push(`${row ?? `${size.name}: no row`}\nis now\n${now}`);
  }
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) console.error('If that should be so: npm run sizes:update');
  return problems.length === 0;
}

const header = [
  '| package | tarball | unpacked | minified and gzipped | needs at run time | adds to core |',
  '| --- | --- | --- | --- | --- | --- |',
];

function cells({ name, tarball, unpacked, bundled, needs, added }: PackageSizes): string {
  const needed = needs.length === 0 ? 'nothing' : needs.map((need) => `\`${need}\``).join(', ');
  const packages = `${added.packages} ${added.packages === 1 ? 'package' : 'packages'}`;
  const addition = added.packages === 0 ? 'nothing' : `${packages}, ${(added.bytes / 1e6).toFixed(1)} MB`;
  return `| \`${name}\` | ${kilobytes(tarball)} | ${kilobytes(unpacked)} | ${kilobytes(bundled)} | ${needed} | ${addition} |`;
}

/** Whether two rows say the same but for figures that are near each other. */
function isNear(row: string, now: string): boolean {
  const figure = /\d+(?:\.\d+)?(?= (?:kB|MB|packages?\b))/g;
  const [a, b] = [row, now].map((line) => line.replace(figure, '#'));
  const figures = [...now.matchAll(figure)].map(([text]) => Number(text));
  const written = [...row.matchAll(figure)].map(([text]) => Number(text));
  const near = figures.every((value, index) => {
    const allowed = index < 3 ? tolerance.own : tolerance.added;
    return Math.abs(value - (written[index] ?? 0)) <= Math.max(value * allowed, 0.2);
  });
  return a === b && near;
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}

function bytesBelow(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}
