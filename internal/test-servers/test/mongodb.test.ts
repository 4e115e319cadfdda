import { MongoClient } from 'mongodb';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startMongodb } from '../src/mongodb.ts';
import { MONGO_IMAGE, startMongoContainer } from '../src/mongodb-container.ts';
import { startMongod } from '../src/mongodb-program.ts';
import { NoServer, serverOrReason } from '../src/no-server.ts';

test('the image is pinned', () => {
  expect(MONGO_IMAGE).toMatch(/^mongo:8\.\d+\.\d+$/);
});

test('a server keeps what it has acknowledged when it is killed, and says what it is', { timeout: 300_000 }, async ({
  skip,
}) => {
  const { server, reason } = await serverOrReason(() => startMongodb());
  if (server === undefined) return skip(reason);
  onTestFinished(() => server.stop());
  const client = new MongoClient(server.url);
  onTestFinished(() => client.close());
  expect(server.name).toMatch(/^(MongoDB|DocumentDB)$/);
  expect(server.version).toMatch(/^\d+\.\d+/);
  const collection = client.db('tests').collection<{ _id: string }>(`kept-${crypto.randomUUID()}`);
  await collection.insertOne({ _id: 'a' }, { writeConcern: { w: 'majority' } });
  if (process.env.MONGODB_URL) return await expect(server.kill()).rejects.toThrow('not ours');
  await server.kill();
  await expect(collection.findOne({ _id: 'a' }, { timeoutMS: 300 })).rejects.toThrow();
  await server.restart();
  expect(await collection.findOne({ _id: 'a' })).toEqual({ _id: 'a' });
});

test('where there is no container runtime, the reason says so', async () => {
  vi.stubEnv('DOCKER_HOST', 'tcp://127.0.0.1:1');
  vi.stubEnv('TESTCONTAINERS_HOST_OVERRIDE', '127.0.0.1');
  await expect(startMongoContainer()).rejects.toThrow(/no container runtime/);
});

test('a mongod that does not run is not taken for one', async () => {
  vi.stubEnv('MONGOMS_SYSTEM_BINARY', '/nowhere/mongod');
  vi.stubEnv('PATH', '/nowhere');
  vi.stubGlobal('fetch', () => Promise.reject(new Error('no way out')));
  onTestFinished(() => void vi.unstubAllGlobals());
  await expect(startMongod()).rejects.toThrow(/no mongod on PATH, and MongoDB cannot be downloaded/);
});

test('no server is a reason to skip, and with CI=true an error', async () => {
  const none = () => Promise.reject(new NoServer('MongoDB', ['this', 'that']));
  vi.spyOn(console, 'warn').mockImplementation(() => {});
  vi.stubEnv('CI', '');
  expect(await serverOrReason(none)).toEqual({ reason: 'No MongoDB: this; that.' });
  vi.stubEnv('CI', 'true');
  await expect(serverOrReason(none)).rejects.toThrow('No MongoDB: this; that.');
});
