import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeResults } from '../src/report/write-results.ts';
import type { Results } from '../src/results.ts';
import { newFolder } from './support/bench-on.ts';

const milestones = [10, 100, 1_000].map((turn) => ({
  ...{ turn, p50Ms: 1, p99Ms: 2, roundTrips: 2, sent: 3_000 * turn, received: 1 },
  ...{ sentToContent: 1.4, storedToContent: 1.4 },
}));

const results: Results = {
  machine: { cpu: 'a CPU', cores: 2, memoryGb: 4, system: 'linux 6 x64', node: '24' },
  contenders: [
    { backend: 'redis', name: 'sess', packages: ['ioredis 6.0.0'], how: 'As it should be.' },
    { backend: 'redis', name: 'absent', packages: [], reason: 'it does not install' },
  ],
  backends: [
    {
      ...{ backend: 'redis', server: 'Redis 7', durability: 'always' },
      grow: [
        { contender: 'sess', milestones },
        { contender: 'a < b', milestones: milestones.slice(0, 1), note: 'ended after 120 turns' },
        { contender: 'broken', note: 'failed: Error' },
      ],
      race: [{ contender: 'sess', acknowledged: 8, lost: 0, doubled: 0, reordered: 0, refused: 0 }],
    },
    { backend: 'mongodb', server: 'No MongoDB: none here.', durability: '' },
  ],
  budgets: [],
};

test('results are written as JSON, as text for people, and as pictures', () => {
  const folder = newFolder();
  writeResults(results, folder);
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  expect(JSON.parse(read('results.json'))).toEqual(results);
  const text = read('RESULTS.md');
  for (const told of [
    '- **sess** (ioredis 6.0.0): As it should be.',
    '- **absent**: Not measured: it does not install',
    'Not measured. No MongoDB: none here.',
    'ended after 120 turns',
    '![Bytes](charts/redis-bytes.svg)',
  ]) {
    expect(text).toContain(told);
  }
  expect(text).not.toMatch(/undefined|NaN|charts\/mongodb/);
  expect(readdirSync(join(folder, 'charts')).sort()).toEqual(['redis-bytes.svg', 'redis-latency.svg']);
  const chart = read('charts/redis-bytes.svg');
  expect(chart).toContain('a &lt; b');
  expect(chart).not.toMatch(/NaN|Infinity|undefined/);
  expect(chart.match(/<polyline/g)).toHaveLength(3);
});
