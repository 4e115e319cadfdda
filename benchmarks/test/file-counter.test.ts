import * as fs from 'node:fs';
import * as promises from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { FileCounter } from '../src/counting/file-counter.ts';
import { newFolder } from './support/bench-on.ts';

const TEXT = 'é and more'; // 11 bytes
const BYTES = 11;

const ways: [string, (path: string) => Promise<void>, writes: number, reads: number, syncs: number][] = [
  ['promises.writeFile', (path) => promises.writeFile(path, TEXT), 1, 0, 0],
  ['promises.appendFile', (path) => promises.appendFile(path, TEXT), 1, 0, 0],
  ['writeFile', (path) => promisify(fs.writeFile)(path, TEXT), 1, 0, 0],
  ['writeFileSync', async (path) => fs.writeFileSync(path, TEXT), 1, 0, 0],
  ['writeFileSync of bytes', async (path) => fs.writeFileSync(path, Buffer.from(TEXT)), 1, 0, 0],
  ['appendFileSync', async (path) => fs.appendFileSync(path, TEXT), 1, 0, 0],
  [
    'an open file',
    async (path) => {
      await using file = await promises.open(path, 'a+');
      await file.write(TEXT);
      await file.write(Buffer.from(TEXT));
      await file.writev([Buffer.from(TEXT), Buffer.from(TEXT)]);
      await file.datasync();
      await file.sync();
      await file.read(Buffer.alloc(BYTES), 0, BYTES, 0);
    },
    4,
    1,
    2,
  ],
  [
    'a stream',
    async (path) => {
      const stream = fs.createWriteStream(path);
      await new Promise((resolve) => stream.end(TEXT, () => stream.close(resolve)));
      for await (const _ of fs.createReadStream(path));
    },
    1,
    1,
    0,
  ],
  [
    'descriptors',
    async (path) => {
      const file = fs.openSync(path, 'w+');
      fs.writeSync(file, TEXT);
      fs.fsyncSync(file);
      fs.fdatasyncSync(file);
      fs.readSync(file, Buffer.alloc(BYTES), 0, BYTES, 0);
      fs.closeSync(file);
    },
    1,
    1,
    2,
  ],
  [
    'reading whole files',
    async (path) => {
      fs.writeFileSync(path, TEXT);
      fs.readFileSync(path);
      fs.readFileSync(path, 'utf8');
      await promises.readFile(path);
      await promises.readFile(path, 'utf8');
      await promisify(fs.readFile)(path);
    },
    1,
    5,
    0,
  ],
];

test.each(ways)('%s is counted', async (_, use, writes, reads, syncs) => {
  const path = join(newFolder(), 'file');
  const counter = new FileCounter();
  await use(path);
  expect(counter.take()).toEqual({ roundTrips: syncs, sent: writes * BYTES, received: reads * BYTES });
  expect(counter.take()).toEqual({ roundTrips: 0, sent: 0, received: 0 });
});
