import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ListTablesCommand, paginateScan } from '@aws-sdk/client-dynamodb';
import { Redis } from 'ioredis';
import { MongoClient } from 'mongodb';
import type { Backend, Place } from './contender.ts';
import { newDynamodbClient } from './contenders/dynamodb-settings.ts';

/** What everything in the place takes: the files; Redis's memory; the BSON of documents; names and values of items. */
export function storedBytes(backend: Backend, place: Place): Promise<number> {
  return measures[backend](place);
}

const measures: Readonly<Record<Backend, (place: Place) => Promise<number>>> = {
  async file({ url, namespace }) {
    let bytes = 0;
    for (const name of await readdir(url, { recursive: true })) {
      if (!name.startsWith(namespace)) continue;
      const file = await stat(join(url, name));
      if (file.isFile()) bytes += file.size;
    }
    return bytes;
  },

  async redis({ url, namespace }) {
    const client = new Redis(url);
    let bytes = 0;
    for await (const keys of client.scanStream({ match: `*${namespace}*`, count: 1_000 })) {
      for (const key of new Set(keys as string[])) bytes += Number(await client.memory('USAGE', key, 'SAMPLES', 0));
    }
    client.disconnect();
    return bytes;
  },

  async mongodb({ url, namespace }) {
    await using client = await new MongoClient(url).connect();
    let bytes = 0;
    const { databases } = await client.db().admin().listDatabases({ nameOnly: true });
    for (const { name: database } of databases) {
      for (const { name } of await client.db(database).listCollections({}, { nameOnly: true }).toArray()) {
        if (!database.startsWith(namespace) && !name.startsWith(namespace)) continue;
        const documents = client.db(database).collection(name).find({}, { raw: true });
        for await (const document of documents) bytes += (document as unknown as Buffer).length;
      }
    }
    return bytes;
  },

  async dynamodb({ url, namespace }) {
    const client = newDynamodbClient(url);
    const { TableNames = [] } = await client.send(new ListTablesCommand());
    let bytes = 0;
    for (const TableName of TableNames.filter((name) => name.startsWith(namespace))) {
      for await (const { Items = [] } of paginateScan({ client }, { TableName })) bytes += weightOf(Items);
    }
    client.destroy();
    return bytes;
  },
};

/** As DynamoDB counts: names and values, and two digits of a number a byte. What has several values weighs its JSON. */
function weightOf(items: readonly Record<string, object>[]): number {
  let bytes = 0;
  for (const [name, value] of items.flatMap((item) => Object.entries(item))) {
    const { S, N } = value as { S?: string; N?: string };
    const weight =
      S === undefined ? (N === undefined ? JSON.stringify(value).length : N.length / 2) : Buffer.byteLength(S);
    bytes += Buffer.byteLength(name) + weight;
  }
  return bytes;
}
