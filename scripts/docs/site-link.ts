import { existsSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { root } from '../bootstrap.mjs';
import { dist, documents, pageOf } from './documents.ts';

export const repository = 'https://github.com/sess-chat/sess';

/**
 * What a document's link, which is right on GitHub, is in the site: another page, or, where it leads to a file that is
 * no page, that file on GitHub. Throws where it leads nowhere.
 */
export function siteLink(document: string, link: string): string {
  const target = relativeTarget(document, link);
  if (target === undefined) return link;
  const { path, hash } = target;
  const page = [path, posix.join(path, 'README.md')].find((file) => documents.includes(file));
  if (page !== undefined) return `/${pageOf(page)}${hash}`;
  const kind = statSync(join(root, path)).isDirectory() ? 'tree' : 'blob';
  return `${repository}/${kind}/main/${path}${hash}`;
}

/** What a document's image is in the site: the same file, seen from the page. Throws where there is none. */
export function siteImage(document: string, link: string): string {
  const target = relativeTarget(document, link);
  if (target === undefined) return link;
  const page = posix.join(dist, 'pages', pageOf(document));
  return posix.relative(posix.dirname(page), target.path);
}

function relativeTarget(document: string, link: string): { path: string; hash: string } | undefined {
  if (/^([a-z][a-z+.-]*:|#)/i.test(link)) return undefined;
  const [, file = '', hash = ''] = /^([^#]*)(#.*)?$/.exec(link) ?? [];
  const path = posix.join(posix.dirname(document), decodeURI(file)).replace(/\/$/, '');
  if (path.startsWith('..') || !existsSync(join(root, path))) {
    throw new Error(`${document}: the link ${link} leads nowhere.`);
  }
  return { path, hash };
}
