import { randomUUID } from 'node:crypto';
import type { Backend, Contender, OpenContender, Place } from './contender.ts';
import type { Cost, Counter } from './counting/counter.ts';
import { CountingProxy } from './counting/counting-proxy.ts';
import { FileCounter } from './counting/file-counter.ts';
import { HttpRequests } from './counting/http-requests.ts';
import { MongodbRequests } from './counting/mongodb-requests.ts';
import { RedisRequests } from './counting/redis-requests.ts';
import { manyMessages } from './messages.ts';
import type { Scale } from './scale.ts';
import type { Durability } from './server.ts';
import { storedBytes } from './stored-bytes.ts';

/** What a workload runs on. */
export interface Bench {
  readonly backend: Backend;
  readonly url: string;
  readonly durability: Durability;
  readonly contenders: readonly Contender[];
  /** How much a contender has to do. */
  scaleOf(contender: Contender): Scale;
  /** Tells what is under way. */
  progress(text: string): void;
}

/** Alike for nobody else on a server that others use too, and always as long: names count as bytes. */
const RUN = `b${randomUUID().slice(0, 8)}`;
let places = 100;

/** A place where nothing is yet. On Redis that is a database: whoever lists by SCAN looks at every key of one. */
export function newPlace({ backend, url, durability }: Bench): Place {
  places += 1;
  return {
    url: backend === 'redis' ? new URL(`/${places}`, url).href : url,
    namespace: `${RUN}-${places}`,
    fsync: durability.fsync,
  };
}

/** A contender at work. */
export interface Opened extends OpenContender {
  readonly place: Place;
  /** What passed since the last call; only where it was opened to be counted. */
  cost(): Cost;
  /** What is stored now. */
  stored(): Promise<number>;
}

/** Opens a contender for latencies: nothing stands between it and its server. */
export async function openTimed(bench: Bench, contender: Contender, place: Place = newPlace(bench)): Promise<Opened> {
  return watch(bench, await contender.open(place), place, { take: notCounted });
}

/** Opens a contender so that what it does is counted. Its connections are set up; nothing was counted yet. */
export async function openCounted(bench: Bench, contender: Contender): Promise<Opened> {
  const place = newPlace(bench);
  const { counter, url, stop } = await startCounting(bench, place);
  const opened = await contender.open({ ...place, url });
  await opened.turn('warm-up', manyMessages(2));
  await opened.tail('warm-up', 2);
  counter.take();
  const watched = watch(bench, opened, place, counter);
  return {
    ...watched,
    async close() {
      await watched.close();
      await stop();
    },
  };
}

/** What one operation costs. */
export async function costOf(opened: Opened, operation: () => Promise<unknown>): Promise<Cost> {
  opened.cost();
  await operation();
  return opened.cost();
}

function watch({ backend }: Bench, opened: OpenContender, place: Place, counter: Counter): Opened {
  return { ...opened, place, cost: () => counter.take(), stored: () => storedBytes(backend, place) };
}

async function startCounting({ backend }: Bench, { url }: Place) {
  if (backend === 'file') return { counter: new FileCounter(), url, stop: async () => {} };
  const splitters = {
    redis: () => new RedisRequests(),
    mongodb: () => new MongodbRequests(),
    dynamodb: () => new HttpRequests(),
  };
  const proxy = await CountingProxy.start(url, splitters[backend]);
  return { counter: proxy, url: proxy.through(url), stop: () => proxy.stop() };
}

function notCounted(): never {
  throw new Error('It was opened for latencies.');
}
