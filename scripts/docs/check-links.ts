import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Looks at each link of a built site that leads to the site itself: its page must be there, and the place in it. Prints
 * what is wrong and returns 1 where something is, else 0.
 */
export function checkLinks(folder: string, base: string): number {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.html'));
  const pages = new Map(files.map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
  const places = new Map<string, Set<string>>();
  for (const [file, html] of pages) places.set(file, new Set(attributes(html, 'id').map(decodeURIComponent)));

  let checked = 0;
  const problems: string[] = [];
  for (const [file, html] of pages) {
    const address = new URL(file.replace(/(^|\/)index\.html$|\.html$/, '$1'), new URL(base, 'http://site'));
    for (const link of new Set(attributes(html.replace(/<(link|script)\b[^>]*>/g, ''), 'href'))) {
      const target = new URL(link, address);
      if (target.host !== 'site') continue;
      checked += 1;
      const path = decodeURIComponent(target.pathname).slice(base.length);
      const page = [`${path}index.html`, `${path}.html`].find((name) => pages.has(name));
      const place = decodeURIComponent(target.hash.slice(1));
      const isThere =
        page === undefined
          ? existsSync(join(folder, path)) && path !== ''
          : place === '' || places.get(page)?.has(place);
      if (!isThere || !target.pathname.startsWith(base)) problems.push(`${file}: ${link} leads nowhere`);
    }
  }
  for (const problem of problems) console.error(problem);
  console.log(`${pages.size} pages, ${checked} links, ${problems.length} lead nowhere`);
  return problems.length > 0 || checked === 0 ? 1 : 0;
}

function attributes(html: string, name: string): string[] {
  return [...html.matchAll(new RegExp(`\\s${name}="([^"]*)"`, 'g'))].map(([, value = '']) =>
    value.replaceAll('&amp;', '&'),
  );
}
