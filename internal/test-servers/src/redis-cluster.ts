import { freePorts } from './free-port.ts';
import { redisCommand, untilRedisSays } from './redis-command.ts';
import { openRedisHost } from './redis-host.ts';
import type { TestServer } from './test-server.ts';

const MASTERS = 3;
const SLOTS = 16_384;

/** Three masters, each with a replica. `kill` and `restart` are about all six. */
export interface RedisCluster extends TestServer {
  readonly ports: readonly number[];
  /** The port of the master that a key belongs to. */
  masterOf(key: string): Promise<number>;
  killNode(port: number): Promise<void>;
  restartNode(port: number): Promise<void>;
  /** Waits until every slot has a living master, and each of those a replica that has all its data. */
  untilWhole(): Promise<void>;
}

/** A Redis Cluster of six nodes, in a container, else on this machine. Rejects with NoServer. */
export async function startRedisCluster(): Promise<RedisCluster> {
  const chosen = await freePorts(MASTERS * 4);
  const ports = chosen.slice(0, MASTERS * 2);
  const busPorts = chosen.slice(MASTERS * 2);
  const host = await openRedisHost(ports);
  const startNode = (port: number) =>
    host.start(port, [
      ...['--cluster-enabled', 'yes', '--cluster-port', String(busPorts[ports.indexOf(port)])],
      ...['--cluster-announce-ip', '127.0.0.1'],
      // Soon enough for a test, and late enough for a busy machine.
      ...['--cluster-node-timeout', '2000', '--repl-diskless-sync-delay', '0'],
    ]);
  const startAll = async () => void (await Promise.all(ports.map(startNode)));
  const untilWhole = async () => {
    for (const port of ports) await untilRedisSays(port, 'CLUSTER INFO', /cluster_state:ok/);
    for (const port of ports) await untilRedisSays(port, 'INFO replication', /state=online|master_link_status:up/);
  };
  try {
    await startAll();
    await form(ports, busPorts);
    await untilWhole();
  } catch (error) {
    await host.close();
    throw error;
  }
  return {
    name: 'Redis Cluster',
    version: host.version,
    url: `redis://127.0.0.1:${ports[0]}`,
    ports,
    async masterOf(key) {
      const slot = Number(/:(\d+)/.exec(await askAny(ports, 'CLUSTER', 'KEYSLOT', key))?.[1]);
      return masterOfSlot(await askAny(ports, 'CLUSTER', 'NODES'), slot);
    },
    killNode: (port) => host.kill(port),
    restartNode: startNode,
    untilWhole,
    stop: () => host.close(),
    kill: async () => void (await Promise.all(ports.map((port) => host.kill(port)))),
    restart: async () => {
      await startAll();
      await untilWhole();
    },
  };
}

/** What `redis-cli --cluster create` does: the nodes meet, share out the slots, and pair up. */
async function form(ports: readonly number[], busPorts: readonly number[]): Promise<void> {
  const [first = 0, ...others] = ports;
  for (const [index, port] of ports.entries()) {
    await redisCommand(port, 'CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1));
    if (index < MASTERS) {
      const range = [index, index + 1].map((part) => Math.floor((part * SLOTS) / MASTERS));
      await redisCommand(port, 'CLUSTER', 'ADDSLOTSRANGE', String(range[0]), String((range[1] ?? 0) - 1));
    }
  }
  for (const port of others) {
    const bus = String(busPorts[ports.indexOf(port)]);
    await redisCommand(first, 'CLUSTER', 'MEET', '127.0.0.1', String(port), bus);
  }
  for (const port of ports) await untilRedisSays(port, 'CLUSTER INFO', /cluster_known_nodes:6/);
  for (const port of ports.slice(MASTERS)) {
    const master = ports[ports.indexOf(port) - MASTERS] as number;
    const id = /\r\n(\w{40})/.exec(await redisCommand(master, 'CLUSTER', 'MYID'))?.[1] ?? '';
    await untilRedisSays(port, 'CLUSTER NODES', new RegExp(id));
    await untilRedisSays(port, `CLUSTER REPLICATE ${id}`, /OK/);
  }
}

/** The reply of the first node that answers. */
async function askAny(ports: readonly number[], ...words: string[]): Promise<string> {
  for (const port of ports) {
    const reply = await redisCommand(port, ...words).catch(() => '');
    if (reply !== '') return reply;
  }
  throw new Error('no node of the cluster answers');
}

/** A line: `<id> <ip:port@bus> <flags> <master> <ping> <pong> <epoch> <link> <slot>-<slot> ...` */
function masterOfSlot(text: string, slot: number): number {
  for (const line of text.split('\n')) {
    const [, address = '', flags = '', , , , , , ...ranges] = line.trim().split(' ');
    if (!flags.includes('master') || flags.includes('fail')) continue;
    const owns = ranges.some((range) => {
      const [from, to = from] = range.split('-').map(Number);
      return from !== undefined && to !== undefined && from <= slot && slot <= to;
    });
    if (owns) return Number(/:(\d+)/.exec(address)?.[1]);
  }
  throw new Error(`no master has slot ${slot}`);
}
