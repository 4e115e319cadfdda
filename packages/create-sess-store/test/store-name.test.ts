import { expect, test } from 'vitest';
import { storeName } from '../src/store-name.ts';

test.each([
  ['my-db', 'my-db', 'my-db', 'MyDb'],
  ['store-my-db', 'store-my-db', 'my-db', 'MyDb'],
  ['sess-store-my-db', 'sess-store-my-db', 'my-db', 'MyDb'],
  ['my-db-store', 'my-db-store', 'my-db', 'MyDb'],
  ['@me/store-db', 'store-db', 'db', 'Db'],
  ['@3m/my_db.v2', 'my_db.v2', 'my-db-v2', 'MyDbV2'],
  ['store', 'store', 'store', 'Store'],
  ['sess', 'sess', 'sess', 'Sess'],
  ['store-2', 'store-2', 'store-2', 'Store2'],
  ['a'.repeat(214), 'a'.repeat(214), 'a'.repeat(214), `A${'a'.repeat(213)}`],
])('%s', (packageName, folder, kebab, pascal) => {
  expect(storeName(packageName)).toEqual({ packageName, folder, kebab, pascal });
});

test.each([
  '',
  ' my-db',
  'My-Db',
  'my db',
  '2db',
  '-db',
  'my-db-',
  'my-db.',
  '.',
  '..',
  '../my-db',
  'my/db',
  'my\\db',
  '@me',
  '@me/',
  '@/db',
  '@me/../db',
  'mÿ-db',
  'my-db\n',
  'fs',
  'node_modules',
  'favicon.ico',
  'a'.repeat(215),
])('%j is refused', (name) => {
  expect(() => storeName(name)).toThrow(expect.objectContaining({ code: 'INVALID_NAME' }));
});
