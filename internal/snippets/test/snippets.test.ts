import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkTypes } from '../src/check-types.ts';
import type { CodeBlock } from '../src/code-block.ts';
import { findDocuments } from '../src/find-documents.ts';
import { tryBlock } from '../src/try-block.ts';
import { openWorkshop, type Workshop } from '../src/workshop.ts';

const documents = findDocuments(join(import.meta.dirname, '..', '..', '..'));
let workshop: Workshop;
let typeProblems: ReadonlyMap<CodeBlock, readonly string[]>;

beforeAll(async () => {
  workshop = openWorkshop(documents);
  typeProblems = await checkTypes(workshop, documents);
});
afterAll(() => workshop.remove());

describe.each(documents)('$path', (document) => {
  test.each(document.blocks)('line $line: $info', { timeout: 330_000 }, async (block) => {
    expect(typeProblems.get(block)).toEqual([]);
    expect(await tryBlock(workshop, document, block)).toEqual([]);
  });
});
