import { type RedisStore, redisStore } from '@sess/store-redis';
import { FaultProxy } from '@sess/test-servers/fault-proxy';
import type { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { countedClient } from './support/counted-client.ts';
import { onRedis } from './support/on-redis.ts';
import { creation, freshPrefix, user } from './support/samples.ts';

const url = process.env.SESS_TEST_REDIS_URL ?? '';
const TURNS = 1_050;
const TEXT = 'x'.repeat(500);

onRedis('budgets', () => {
  describe('budgets', () => {
    let proxy: FaultProxy;
    let client: Redis;
    let commands: string[];
    let store: RedisStore;
    let prefix: string;
    beforeEach(async () => {
      prefix = freshPrefix();
      proxy = await FaultProxy.start(url);
      ({ client, commands } = countedClient(proxy.through(url)));
      store = redisStore({ client, prefix, ttl: 3_600_000 });
      await store.commit('warm-up', creation('c1')); // the connection is set up, and the scripts are known
      await store.get('warm-up');
      await store.delete('warm-up');
    });
    afterEach(async () => {
      await store.close();
      client.disconnect();
      await proxy.stop();
    });
    /** What an operation costs. */
    const costOf = async (operation: () => Promise<unknown>) => {
      const before = { ...proxy.bytes, commands: commands.length };
      await operation();
      return {
        toServer: proxy.bytes.toServer - before.toServer,
        toClient: proxy.bytes.toClient - before.toClient,
        commands: commands.slice(before.commands),
      };
    };

    test('a turn costs what it weighs: one command, and as many bytes at turn 1,000 as at turn 10', async () => {
      const turn = ['user', 'model'].map((role) => ({ role: role as 'user' | 'model', content: [{ text: TEXT }] }));
      await store.commit('long', { ...creation('t0'), owner: 'ada' });
      const sent: number[] = [];
      for (let number = 1; number <= TURNS; number += 1) {
        const main = { base: `t${number - 1}`, keep: (number - 1) * 2, append: turn };
        const change = { changeId: `t${number}`, life: 't0', seen: number, threads: { main } };
        const cost = await costOf(() => store.commit('long', change));
        expect(cost.commands).toEqual(['evalsha']);
        sent.push(cost.toServer);
      }
      const mean = (from: number, to: number) =>
        sent.slice(from, to).reduce((sum, bytes) => sum + bytes, 0) / (to - from);
      expect(mean(950, 1_050)).toBeLessThanOrEqual(1.1 * mean(0, 100));
      const content = JSON.stringify(turn).length * TURNS;
      expect(mean(0, TURNS) * TURNS).toBeLessThanOrEqual(1.5 * content);
      const stored = Number(await client.call('MEMORY', 'USAGE', `${prefix}s:long`, 'SAMPLES', '0'));
      expect(stored).toBeLessThanOrEqual(1.5 * content);
      console.log(
        `a commit of ${JSON.stringify(turn).length} bytes of content: 1 command, ${Math.round(mean(0, 100))} bytes sent at turn 10, ` +
          `${Math.round(mean(950, 1_050))} at turn 1,000; ${TURNS} turns take ${(stored / content).toFixed(2)} times their content in memory`,
      );
    });

    test('on the server, a turn reads once, writes once and moves once in the list', async () => {
      await store.commit('long', creation('t0', [user('one')]));
      const monitor = await client.monitor();
      onTestFinished(() => monitor.disconnect());
      const seen: string[] = [];
      const all = new Promise<void>((resolve) => {
        monitor.on('monitor', (_time: string, [command = '', key = '']: string[]) => {
          if (key === `${prefix}end`) resolve();
          else if (key.startsWith(prefix)) seen.push(command.toLowerCase());
        });
      });
      const main = { base: 't0', keep: 1, append: [user('two'), user('three')] };
      await store.commit('long', { changeId: 't1', life: 't0', threads: { main } });
      await client.exists(`${prefix}end`);
      await all;
      expect(seen).toEqual(['hmget', 'hset', 'pexpireat', 'zadd']);
    });

    test('a window of a long session costs what it costs of a short one', async () => {
      const windowOf = async (count: number) => {
        const id = `session-of-${String(count).padStart(5, '0')}`;
        await store.commit(id, creation('c1', Array(count).fill(user(TEXT))));
        return costOf(() => store.get(id, { last: 20 }));
      };
      const short = await windowOf(20);
      const long = await windowOf(10_000);
      expect(long.commands).toEqual(['evalsha']);
      expect(long.toClient + long.toServer).toBeLessThanOrEqual(1.01 * (short.toClient + short.toServer));
      console.log(
        `a window of 20: ${short.toClient} bytes of 20 messages, ${long.toClient} bytes of 10,000 messages, 1 command each`,
      );
    });

    test('holding, deleting, and a commit of all kinds are one command each', async () => {
      const open = { id: 't1', at: 1, leaseMs: 60_000, beat: 0 };
      await store.commit('kinds', {
        changeId: 'c1',
        life: null,
        threads: { main: { base: null, keep: 0, append: [user('one')], turn: open } },
      });
      const all = {
        changeId: 'c2',
        life: 'c1',
        state: { base: null, value: { x: 1 } },
        metadata: { title: 'T', label: null },
        threads: { side: { base: null, keep: 0, append: [user('two')] } },
        holds: { main: 't1' },
      };
      const operations = [
        () => store.commit('kinds', all),
        () => store.commit('kinds', { changeId: 'c3', life: 'c1', holds: { main: 't1' } }),
        () => store.save('kinds', { threads: { main: [user('three')] } }),
        () => store.get('kinds'),
        () => store.delete('kinds'),
      ];
      for (const operation of operations) expect((await costOf(operation)).commands).toEqual(['evalsha']);
    });
  });
});
