// The site is made of copies of the repository's documents, and of the API reference: see `scripts/docs.ts`.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { slug } from 'github-slugger';
import { defineConfig } from 'vitepress';
import { root } from '../../../scripts/bootstrap.mjs';
import { dist, documentOf, pageOf, titleOf } from '../../../scripts/docs/documents.ts';
import { sections } from '../../../scripts/docs/sections.ts';
import { repository, siteImage, siteLink } from '../../../scripts/docs/site-link.ts';

const guides = sections.map(({ title, collapsed, documents }) => ({
  text: title,
  collapsed: collapsed ?? false,
  items: documents.map((document) => ({ text: titleOf(document), link: `/${pageOf(document)}` })),
}));

interface ReferenceEntry {
  title: string;
  path?: string;
  children?: ReferenceEntry[];
}

const reference: ReferenceEntry[] = JSON.parse(readFileSync(join(root, dist, 'reference.json'), 'utf8'));

/** The names that users import, with what the one of them that is open exports. */
const referenceSidebar = (open?: ReferenceEntry) => [
  {
    text: 'API reference',
    link: '/api/',
    items: reference.map((entry) => ({
      text: entry.title,
      link: `/api/${entry.path}`,
      ...(entry === open && symbolsOf(entry)),
    })),
  },
];

const symbolsOf = ({ children = [] }: ReferenceEntry) => ({
  items: children
    .flatMap((group) => group.children ?? [])
    .map((symbol) => ({ text: symbol.title, link: `/api/${symbol.path}` })),
});

export default defineConfig({
  title: 'sess',
  description: 'Chat sessions of applications that talk to language models, kept in any database.',
  lang: 'en',
  base: process.env.SESS_DOCS_BASE ?? '/',
  srcDir: join(root, dist, 'pages'),
  outDir: join(root, dist, 'site'),
  cacheDir: join(root, dist, 'cache'),
  cleanUrls: true,
  // There is no icon; without this, browsers ask for one and are told 404.
  head: [['link', { rel: 'icon', href: 'data:,' }]],
  metaChunk: true,
  markdown: {
    // As GitHub names them, so that a link to a heading is right here and there.
    anchor: { slugify: slug },
    config(markdown) {
      // Code is shown as it is, also where it looks like an expression of Vue: `{{@state.userName}}`.
      markdown.core.ruler.push('code_is_no_expression', ({ tokens }) => {
        const inline = tokens.flatMap(({ children }) => children ?? []);
        for (const token of inline) if (token.type === 'code_inline') token.attrSet('v-pre', '');
      });
      markdown.core.ruler.push('links_as_on_github', ({ tokens, env }) => {
        const document = documentOf(env.relativePath);
        if (document === undefined) return;
        for (const token of tokens.flatMap(({ children }) => children ?? [])) {
          const [attribute, rewrite] =
            token.type === 'image' ? (['src', siteImage] as const) : (['href', siteLink] as const);
          const link = token.attrGet(attribute);
          if (link !== null) token.attrSet(attribute, rewrite(document, link));
        }
      });
    },
  },
  transformPageData(page) {
    const document = documentOf(page.relativePath);
    if (document === undefined) page.frontmatter.editLink = false;
    else page.filePath = document;
  },
  themeConfig: {
    nav: [
      { text: 'Guides', link: '/', activeMatch: '^/(?!api/)' },
      { text: 'API reference', link: '/api/' },
    ],
    sidebar: {
      '/': guides,
      '/api/': referenceSidebar(),
      ...Object.fromEntries(reference.map((entry) => [`/api/${entry.title}/`, referenceSidebar(entry)])),
    },
    outline: [2, 3],
    search: {
      provider: 'local',
      options: {
        // What people wrote for people before what repeats the sources.
        miniSearch: { searchOptions: { boostDocument: (id: string) => (id.includes('/api/') ? 0.3 : 1) } },
      },
    },
    socialLinks: [{ icon: 'github', link: repository }],
    editLink: { pattern: `${repository}/edit/main/:path`, text: 'Edit this page on GitHub' },
  },
});
