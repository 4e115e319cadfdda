// Writes the API reference of every published package as Markdown pages, from its sources and their docstrings.
import { join } from 'node:path';
import { Application } from 'typedoc';
import { root } from '../../scripts/bootstrap.mjs';
import { dist } from '../../scripts/docs/documents.ts';
import { inReadingOrder } from '../../scripts/docs/sections.ts';
import { repository } from '../../scripts/docs/site-link.ts';
import { publishedPackages } from '../../scripts/workspace.ts';

/** The names that users import, by their source files, in the order of the sidebar. */
const entries = new Map<string, string>();
for (const { folder, manifest } of inReadingOrder(publishedPackages())) {
  for (const [entry, target] of Object.entries(manifest.exports ?? {})) {
    if (typeof target === 'string') continue;
    const source = target.default.replace(/^\.\/dist\/(.+)\.js$/, 'src/$1.ts');
    entries.set(`${folder}/${source}`, manifest.name + entry.slice(1));
  }
}

const application = await Application.bootstrapWithPlugins({
  plugin: ['typedoc-plugin-markdown'],
  entryPoints: [...entries.keys()].map((file) => join(root, file)),
  tsconfig: join(import.meta.dirname, 'tsconfig.reference.json'),
  outputs: [{ name: 'markdown', path: join(root, dist, 'pages', 'api') }],
  sortEntryPoints: false,
  name: 'API reference',
  readme: 'none',
  excludeInternal: true,
  excludePrivate: true,
  basePath: root,
  sourceLinkTemplate: `${repository}/blob/main/{path}#L{line}`,
  disableGit: true,
  // What is not exported is part of the API's reports, and needs no page of its own.
  validation: { notExported: false },
  treatWarningsAsErrors: true,
  logLevel: 'Warn',
  ...{
    entryFileName: 'index',
    hidePageHeader: true,
    hideBreadcrumbs: true,
    navigationJson: join(root, dist, 'reference.json'),
    useCodeBlocks: true,
    expandObjects: true,
    parametersFormat: 'table',
    interfacePropertiesFormat: 'list',
  },
});
const project = await application.convert();
if (project !== undefined) {
  for (const module of project.children ?? []) {
    module.name = entries.get(module.sources?.[0]?.fileName ?? '') ?? module.name;
  }
  application.validate(project);
  await application.generateOutputs(project);
}
process.exitCode = project === undefined || application.logger.hasErrors() || application.logger.hasWarnings() ? 1 : 0;
