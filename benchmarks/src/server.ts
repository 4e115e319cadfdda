import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDynamodb } from '@sess/test-servers/dynamodb';
import { startMongodb } from '@sess/test-servers/mongodb';
import { startRedis } from '@sess/test-servers/redis';
import type { TestServer } from '@sess/test-servers/test-server';
import type { Backend } from './contender.ts';

/** What an acknowledged write survives, the same for everyone who is measured on it. */
export interface Durability {
  readonly name: string;
  readonly meaning: string;
  /** For files. */
  readonly fsync: boolean;
  /** Whether the budget of commits is about it. A file that is not synced is no durable write. */
  readonly hasBudget: boolean;
  start(): Promise<Pick<TestServer, 'name' | 'version' | 'url' | 'stop'>>;
}

/** Each place has one. */
export const redisDatabases = ['--databases', '10000'];

/** The first one is that of all workloads; `commit` runs on all of them. */
export const durabilities: Readonly<Record<Backend, readonly [Durability, ...Durability[]]>> = {
  file: [
    {
      name: 'fsync on',
      meaning: 'Each write is synced to the disk before it is acknowledged.',
      fsync: true,
      hasBudget: true,
      start: startFolder,
    },
    {
      name: 'fsync off',
      meaning: 'The operating system decides when to write: a power cut may take the last seconds.',
      fsync: false,
      hasBudget: false,
      start: startFolder,
    },
  ],
  redis: [
    {
      name: 'appendonly yes, appendfsync everysec',
      meaning: 'A power cut may take the last two seconds; on a slow disk, so may the end of the process.',
      fsync: true,
      hasBudget: true,
      start: () => startRedis([...redisDatabases, '--appendfsync', 'everysec']),
    },
    {
      name: 'appendonly yes, appendfsync always',
      meaning: 'Each write is synced to the disk before it is acknowledged.',
      fsync: true,
      hasBudget: true,
      start: () => startRedis([...redisDatabases, '--appendfsync', 'always']),
    },
  ],
  mongodb: [
    {
      name: 'w: majority, journal: true',
      meaning: 'Each write is in the journal, on the disk, before it is acknowledged.',
      fsync: true,
      hasBudget: true,
      start: () => startMongodb({ syncs: true }),
    },
  ],
  dynamodb: [
    {
      name: 'in memory',
      meaning: 'DynamoDB Local keeps everything in memory; Amazon keeps each write in three zones.',
      fsync: true,
      hasBudget: true,
      start: () => startDynamodb(),
    },
  ],
};

async function startFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'sess-benchmarks-'));
  return {
    name: 'file system',
    version: 'of this machine',
    url: folder,
    stop: async () => rmSync(folder, { recursive: true, force: true }),
  };
}
