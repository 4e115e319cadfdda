import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createStore } from '../src/create-store.ts';
import { storeName } from '../src/store-name.ts';
import { temporaryFolder } from './temporary-folder.ts';

const ranges = { '@sess/core': '^4.5.6', '@sess/conformance': '^7.8.9' };

function textsOf(folder: string): Map<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    entries.map(({ parentPath, name }) => {
      const file = join(parentPath, name);
      return [file.slice(folder.length + 1), readFileSync(file, 'utf8')];
    }),
  );
}

test('the files are there under the names of the package', () => {
  const parent = temporaryFolder();
  const files = createStore(storeName('@me/store-red-db'), parent, ranges);
  const texts = textsOf(join(parent, 'store-red-db'));
  expect(readdirSync(parent)).toEqual(['store-red-db']);
  expect([...texts.keys()].sort()).toEqual(files);
  expect(files).toEqual([
    '.github/workflows/ci.yml',
    '.gitignore',
    'LICENSE',
    'README.md',
    'package.json',
    'src/index.ts',
    'src/red-db-store.ts',
    'test/conformance.test.js',
    'test/red-db.target.js',
    'tsconfig.json',
  ]);
  for (const [file, text] of texts) expect(text, file).not.toMatch(/my-?db/i);
  expect(texts.get('README.md')).toContain('# @me/store-red-db\n');
  expect(texts.get('src/index.ts')).toBe("export { RedDbStore, type RedDbStoreOptions } from './red-db-store.ts';\n");
});

test('core and the kit are those of the release', () => {
  const parent = temporaryFolder();
  createStore(storeName('my-db'), parent, ranges);
  const manifest = JSON.parse(readFileSync(join(parent, 'my-db', 'package.json'), 'utf8'));
  expect(manifest).toMatchObject({
    name: 'my-db',
    peerDependencies: { '@sess/core': '^4.5.6' },
    devDependencies: { '@sess/core': '^4.5.6', '@sess/conformance': '^7.8.9' },
  });
  expect(JSON.stringify(manifest)).not.toContain('"*"');
});

test('a folder of another kind of content is left as it is', () => {
  const parent = temporaryFolder();
  mkdirSync(join(parent, 'my-db'));
  writeFileSync(join(parent, 'my-db', 'precious.txt'), 'kept');
  expect(() => createStore(storeName('my-db'), parent, ranges)).toThrow(expect.objectContaining({ code: 'NOT_EMPTY' }));
  expect(textsOf(parent)).toEqual(new Map([[join('my-db', 'precious.txt'), 'kept']]));
});

test('a file is left as it is', () => {
  const parent = temporaryFolder();
  writeFileSync(join(parent, 'my-db'), 'kept');
  expect(() => createStore(storeName('my-db'), parent, ranges)).toThrow(expect.objectContaining({ code: 'NOT_EMPTY' }));
  expect(textsOf(parent)).toEqual(new Map([['my-db', 'kept']]));
});

test('an empty folder is filled', () => {
  const parent = temporaryFolder();
  mkdirSync(join(parent, 'my-db'));
  expect(createStore(storeName('my-db'), parent, ranges)).toContain('package.json');
  expect(readdirSync(parent)).toEqual(['my-db']);
});

test('others may read the folder, as any that is made here', () => {
  const parent = temporaryFolder();
  createStore(storeName('my-db'), parent, ranges);
  mkdirSync(join(parent, 'another'));
  const modeOf = (name: string) => statSync(join(parent, name)).mode;
  expect(modeOf('my-db')).toBe(modeOf('another'));
});

test('a failure in the middle leaves nothing', () => {
  const parent = temporaryFolder();
  const unwritable = { ...storeName('my-db'), kebab: 'my\0db' };
  expect(() => createStore(unwritable, parent, ranges)).toThrow();
  expect(readdirSync(parent)).toEqual([]);
});
