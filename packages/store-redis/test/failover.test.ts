import { type RedisStore, redisStore } from '@sess/store-redis';
import { pairsOf } from '@sess/store-tests/check-pairs';
import { Race } from '@sess/store-tests/race';
import { serverOrReason } from '@sess/test-servers/no-server';
import { type RedisCluster, startRedisCluster } from '@sess/test-servers/redis-cluster';
import { Cluster, Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { onOwnRedis } from './support/on-redis.ts';
import { creation, errorOf, freshPrefix } from './support/samples.ts';

const COMMITS = 400;
const SEEDS = [1, 2, 3];

onOwnRedis('a master is killed during a race', () => {
  describe('a master is killed during a race, and its replica promoted', () => {
    const prefix = freshPrefix();
    let cluster: RedisCluster;
    let client: Cluster;
    let store: RedisStore;
    let race: Race;
    beforeAll(async () => {
      const { server } = await serverOrReason(startRedisCluster);
      if (server === undefined) throw new Error('there was a cluster a moment ago');
      cluster = server;
      client = new Cluster([{ host: '127.0.0.1', port: cluster.ports[0] ?? 0 }]);
      store = redisStore({ client, prefix });
      race = await Race.start(new URL('./support/race-worker.ts', import.meta.url), {
        url: cluster.url,
        prefix,
        isCluster: true,
      });
    });
    afterAll(async () => {
      await race.stop();
      await store.close();
      client.disconnect();
      await cluster.stop();
    });

    test.each(SEEDS)(
      'nothing is unreadable, torn, doubled or resurrected (seed %i)',
      { timeout: 120_000 },
      async (seed) => {
        const sessionId = `s${seed}`;
        const master = await cluster.masterOf(`${prefix}s:${sessionId}`);
        const deleted = await deleteThere(sessionId, master);

        const racing = race.run({ sessionId, seed, commits: COMMITS });
        await untilChanged(sessionId, 50 + seed * 20);
        const isLagging = seed > 1;
        if (isLagging) {
          const changes = await cutReplicas(master, sessionId);
          await untilChanged(sessionId, changes + 20);
        }
        await cluster.killNode(master);
        const results = await racing;
        expect(await cluster.masterOf(`${prefix}s:${sessionId}`)).not.toBe(master);

        const record = await store.get(sessionId);
        if (record === undefined) throw new Error('the session is gone');
        const threads = ['main', 'own 0', 'own 1', 'own 2', 'own 3'];
        const found = threads.flatMap((thread) => pairsOf(record, thread));
        expect(new Set(found).size, 'each pair is there once, in one thread').toBe(found.length);
        const acknowledged = results.flatMap((result) => result.acknowledged.filter(({ kind }) => kind !== 'create'));
        const pairs = acknowledged.filter(({ kind }) => kind !== 'state').map(({ name }) => name);
        const unknown = results.flatMap((result) => result.unknown);
        const lost = pairs.filter((name) => !found.includes(name));
        const unasked = found.filter((name) => !pairs.includes(name) && !unknown.includes(name));
        expect(unasked, 'what is there was acknowledged, or of unknown outcome').toEqual([]);
        const counted = acknowledged.filter(({ kind }) => kind === 'state').length;
        expect(record.state.count).toBeLessThanOrEqual(counted + unknown.length);
        expect(await store.get(deleted)).toBeUndefined();
        const late = { changeId: 'late', life: 'c1', metadata: { x: 1 } };
        expect(await errorOf(store.commit(deleted, late))).toMatchObject({ code: 'NOT_FOUND' });
        expect((await store.list()).sessions.map(({ id }) => id)).toContain(sessionId);
        const lostStates = Math.max(0, counted - record.state.count);
        console.log(
          `failover ${seed}: ${acknowledged.length} commits acknowledged, of which ${lost.length} pairs of messages and ` +
            `${lostStates} changes of the state never reached the replica; ${unknown.length} of unknown outcome`,
        );

        if (isLagging) expect(lost.length + lostStates, 'what the replica missed').toBeGreaterThan(0);

        await cluster.restartNode(master);
        await configureNodes('masteruser', '');
        await cluster.untilWhole();
        expect(await store.get(sessionId)).toEqual(record); // what the old master had more of is gone for good
      },
    );

    async function untilChanged(sessionId: string, changes: number): Promise<void> {
      const check = async () => {
        expect((await store.get(sessionId, { last: 0 }))?.changes).toBeGreaterThan(changes);
      };
      await vi.waitFor(check, { timeout: 30_000, interval: 1 });
    }

    /** Cuts the master's replica off, by a wrong user name. Resolves to how many changes there were then, at least. */
    async function cutReplicas(master: number, sessionId: string): Promise<number> {
      await configureNodes('masteruser', 'nobody');
      await withNode(master, (node) => node.call('CLIENT', 'KILL', 'TYPE', 'replica'));
      await vi.waitFor(
        async () => expect(await withNode(master, (node) => node.info())).toContain('connected_slaves:0'),
        {
          timeout: 30_000,
        },
      );
      return (await store.get(sessionId, { last: 0 }))?.changes ?? 0;
    }

    async function configureNodes(name: string, value: string): Promise<void> {
      const password = value === '' ? '' : 'wrong';
      await Promise.all(
        cluster.ports.map((port) =>
          withNode(port, (node) => node.call('CONFIG', 'SET', name, value, 'masterauth', password)),
        ),
      );
    }

    async function withNode<T>(port: number, use: (node: Redis) => Promise<T>): Promise<T> {
      const node = new Redis(port);
      try {
        return await use(node);
      } finally {
        node.disconnect();
      }
    }

    /** Deletes a session of the same master, and waits until its replica knows. */
    async function deleteThere(sessionId: string, master: number): Promise<string> {
      for (let number = 0; ; number += 1) {
        const id = `deleted-${sessionId}-${number}`;
        if ((await cluster.masterOf(`${prefix}s:${id}`)) !== master) continue;
        await store.commit(id, creation('c1'));
        await store.delete(id);
        await withNode(master, (node) =>
          vi.waitFor(async () => expect(await node.wait(1, 1_000)).toBe(1), { timeout: 30_000 }),
        );
        return id;
      }
    }
  });
});
