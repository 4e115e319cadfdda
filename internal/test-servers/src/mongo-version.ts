import { MongoClient } from 'mongodb';

const ANSWER_MS = 10_000;

/** What a server that speaks MongoDB's protocol says it is. */
export async function mongoVersion(url: string): Promise<{ name: string; version: string }> {
  const client = new MongoClient(url, { serverSelectionTimeoutMS: ANSWER_MS });
  try {
    const { product = 'MongoDB', version } = await client.db('admin').command({ buildInfo: 1 });
    return { name: product, version };
  } finally {
    await client.close();
  }
}
