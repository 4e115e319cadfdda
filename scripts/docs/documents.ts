import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../bootstrap.mjs';

/** Where the site is made, below the root. */
export const dist = 'docs/dist';

/** The documents of the repository that belong into the site: no changelogs, reports or fixtures. From the root, in order. */
export const documents: readonly string[] = execFileSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'],
  { cwd: root, encoding: 'utf8' },
)
  .split('\n')
  .filter((path) =>
    /^([A-Z]+\.md|docs\/.+|(packages|examples)\/[^/]+\/README\.md|(conformance|benchmarks)\/[^/]+)$/.test(path),
  )
  .filter((path) => existsSync(join(root, path)))
  .sort();

/**
 * The page that a document becomes: `docs/errors.md` is `errors.md`, and a README is its folder's `index.md`. Everything
 * else stays where it is in the repository, so that addresses can be guessed.
 */
export function pageOf(document: string): string {
  return document.replace(/^docs\//, '').replace(/(^|\/)README\.md$/, '$1index.md');
}

/** The document that a page was; undefined for a page of the API reference. */
export function documentOf(page: string): string | undefined {
  return documents.find((document) => pageOf(document) === page);
}

/** A document's first heading, as plain text. */
export function titleOf(document: string): string {
  const [, title] = /^# (.+)$/m.exec(readFileSync(join(root, document), 'utf8')) ?? [];
  if (title === undefined) throw new Error(`${document} has no title: a first line that starts with "# ".`);
  return title.replaceAll('`', '');
}
