import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..', '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

const [declaration = ''] = /type SessErrorCode =[^;]*;/.exec(read('packages/core/src/store/error.ts')) ?? [];
const codes = [...declaration.matchAll(/'([A-Z_]+)'/g)].map(([, code]) => code);

test.each(['docs/errors.md', 'packages/core/README.md'])(
  '%s has a row for each code, in the order of the source',
  (path) => {
    const rows = [...read(path).matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, code]) => code);
    expect(codes).not.toEqual([]);
    expect(rows).toEqual(codes);
  },
);
