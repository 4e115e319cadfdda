import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkTypes } from '../src/check-types.ts';
import type { Document } from '../src/code-block.ts';
import { docstringBlocks } from '../src/docstring-blocks.ts';
import { markdownBlocks } from '../src/markdown-blocks.ts';
import { tryBlock } from '../src/try-block.ts';
import { openWorkshop } from '../src/workshop.ts';

const fixture = (name: string) => readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8');

async function problemsIn(document: Document): Promise<Record<number, string>> {
  const workshop = openWorkshop([document]);
  try {
    const types = await checkTypes(workshop, [document]);
    const problems: Record<number, string> = {};
    for (const block of document.blocks) {
      const found = [...(types.get(block) ?? []), ...(await tryBlock(workshop, document, block))];
      if (found.length > 0) problems[block.line] = found.join('\n');
    }
    return problems;
  } finally {
    workshop.remove();
  }
}

test('a right page passes', async () => {
  const document = { path: 'right.md', blocks: markdownBlocks(fixture('right.md')) };
  expect(document.blocks).toHaveLength(10);
  expect(await problemsIn(document)).toEqual({});
});

test('each wrong block fails, and says why', async () => {
  const problems = await problemsIn({ path: 'broken.md', blocks: markdownBlocks(fixture('broken.md')) });
  expect(problems).toMatchInlineSnapshot(`
    {
      "12": "unknown info string ""; known: ts, js, ts no-run, ts signature, sh, text output, json, text, jsonl, yaml, diff, mermaid, hcl",
      "18": "broken.md:18 TS2322 Type 'string' is not assignable to type 'number'.",
      "25": "exit code 3",
      "31": "did not print:
    two
    but:
    one
    ",
      "41": "did not print: 3
    but:
    2
    ",
      "47": "wget https://example.org: unknown command: wget https://example.org",
      "53": "npm install @sess/store-abacus: there is no package @sess/store-abacus
    npm run fly: the root package.json has no script fly
    node --eval 'process.exit(4)': exit code 4",
      "59": "SyntaxError: Expected double-quoted property name in JSON at position 23 (line 1 column 24)",
      "6": "unknown info string "typescript"; known: ts, js, ts no-run, ts signature, sh, text output, json, text, jsonl, yaml, diff, mermaid, hcl",
      "65": "there is no ts or js block right before it that prints this",
    }
  `);
});

test('a type error is told with its place in the document', async () => {
  const blocks = markdownBlocks('# Title\n\n```ts\nexport {};\nconst count: number = "one";\n```\n');
  const problems = await problemsIn({ path: 'docs/page.md', blocks });
  expect(problems[4]).toMatch(/^docs\/page\.md:5 TS2322 /);
});

test('signatures are checked for their syntax only', async () => {
  const page = (code: string) => ({ path: 'page.md', blocks: markdownBlocks(`\`\`\`ts signature\n${code}\n\`\`\``) });
  expect(await problemsIn(page('interface Store { get(id: string): Unknown }'))).toEqual({});
  expect(await problemsIn(page('interface Store { get(id: string) => void }'))).toEqual({
    2: "page.md:2 TS1005 ':' expected.",
  });
});

test('two blocks of one name are refused', () => {
  const block = '```js\n// same.js\n```\n';
  expect(() => openWorkshop([{ path: 'docs/page.md', blocks: markdownBlocks(block + block) }])).toThrow(
    'docs/page.md has two blocks with the name same.js.',
  );
});

test('the examples of docstrings are found, and must be fenced', () => {
  expect(docstringBlocks(fixture('examples.ts'))).toMatchInlineSnapshot(`
    [
      {
        "code": "if (text !== '') {
      @decorated
    }",
        "info": "ts",
        "line": 7,
        "treatment": "run",
      },
      {
        "code": "one();",
        "info": "js",
        "line": 14,
        "treatment": "run",
      },
      {
        "code": "/** @example documented('not fenced')",
        "info": "an example without a fence",
        "line": 21,
        "treatment": undefined,
      },
    ]
  `);
});
