import type { WorkspacePackage } from '../workspace.ts';
import { documents } from './documents.ts';

/** The sidebar: every document of the site, in the order in which it is read. */
export const sections: readonly { title: string; collapsed?: boolean; documents: readonly string[] }[] = [
  { title: 'Start', documents: ['README.md', 'docs/getting-started.md', 'docs/samples.md'] },
  {
    title: 'Guides',
    documents: [
      'docs/sessions-threads-state.md',
      'docs/streaming-and-abort.md',
      'docs/tools-and-interrupts.md',
      'docs/choosing-a-store.md',
      'docs/durability.md',
      'docs/errors.md',
      'docs/coming-from-genkit.md',
    ],
  },
  {
    title: 'Packages',
    documents: [
      'docs/packages.md',
      'packages/core/README.md',
      'packages/store-file/README.md',
      'packages/store-redis/README.md',
      'packages/store-mongo/README.md',
      'packages/store-dynamodb/README.md',
      'packages/ai-sdk/README.md',
      'packages/dotprompt/README.md',
      'conformance/README.md',
    ],
  },
  {
    title: 'A store of your own',
    documents: [
      'docs/writing-a-store.md',
      'packages/create-sess-store/README.md',
      'conformance/SPEC.md',
      'docs/conformance/saboteurs.md',
    ],
  },
  { title: 'Examples', documents: ['examples/console-chat/README.md', 'examples/express-chat/README.md'] },
  {
    title: 'Benchmarks',
    documents: ['benchmarks/README.md', 'benchmarks/RESULTS.md'],
  },
  {
    title: 'The project',
    documents: ['ARCHITECTURE.md', 'docs/UPGRADING.md', 'CONTRIBUTING.md', 'docs/releasing.md', 'SECURITY.md'],
  },
  {
    title: 'Decisions',
    collapsed: true,
    documents: ['docs/decisions/README.md', ...documents.filter((path) => /^docs\/decisions\/\d/.test(path))],
  },
];

/** Packages in the order of their READMEs in the sidebar. */
export function inReadingOrder(packages: readonly WorkspacePackage[]): WorkspacePackage[] {
  const order = sections.flatMap((section) => section.documents);
  const place = ({ folder }: WorkspacePackage) => order.indexOf(`${folder}/README.md`);
  return [...packages].sort((a, b) => place(a) - place(b));
}

/** Throws unless the sections and the documents are the same. */
export function checkSections(): void {
  const listed = sections.flatMap((section) => section.documents);
  const problems = [
    ...documents.filter((path) => !listed.includes(path)).map((path) => `${path} is in no section of the sidebar`),
    ...listed.filter((path) => !documents.includes(path)).map((path) => `${path} is in the sidebar and does not exist`),
    ...listed.filter((path, index) => listed.indexOf(path) !== index).map((path) => `${path} is in the sidebar twice`),
  ];
  if (problems.length > 0) throw new Error(`scripts/docs/sections.ts: ${problems.join('; ')}.`);
}
