import { execFile } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { redisStore } from '@sess/store-redis';
import { expect, test } from 'vitest';
import { onRedis } from './support/on-redis.ts';

const url = process.env.SESS_TEST_REDIS_URL ?? '';

onRedis('the README', () => {
  test('begins with a program that works', async () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    const [, program = ''] = /```ts no-run\n([\s\S]*?)```/.exec(readme) ?? [];
    const file = fileURLToPath(new URL(`./support/readme-${process.pid}.ts`, import.meta.url));
    const store = redisStore({ url });
    try {
      await store.delete('user-42');
      writeFileSync(file, program.replace('redis://localhost:6379', url));
      const { stdout } = await promisify(execFile)(process.execPath, [file]);
      expect(stdout).toBe('Your name is Pavel.\n');
    } finally {
      rmSync(file, { force: true });
      await store.delete('user-42');
      await store.close();
    }
  });
});
