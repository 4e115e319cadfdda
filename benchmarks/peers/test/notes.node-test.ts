// What the peers' notes say of them, as far as it is more than what anyone can read in their documentation.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ToolMessage } from '@langchain/core/messages';
import { FaultProxy } from '../../../internal/test-servers/src/fault-proxy.ts';
import type { Message } from '../../src/contender.ts';
import { clientConfig } from '../src/dynamodb-table.ts';
import { genkitDynamodb } from '../src/genkit-dynamodb.ts';
import { langchainDynamodb } from '../src/langchain-dynamodb.ts';
import { langchainFile } from '../src/langchain-file.ts';
import { mastraDynamodb } from '../src/mastra-dynamodb.ts';
import { sessionFileStore } from '../src/session-file-store.ts';
import { model, user } from './conversation.ts';
import { startServers } from './servers.ts';

const servers = await startServers();
after(() => servers.stop());

/** 60 KB a message: the 1 MB of a page of DynamoDB are full after nine turns. */
const long = 'x'.repeat(60_000);
const longTurn = (index: number): Message[] => [user(`${index} ${long}`), model(`${index} ${long}`)];

test('LangGraph cannot keep checkpoints in a Redis without modules', async (context) => {
  const { place, reason } = servers.placeOn('redis');
  if (place === undefined) return context.skip(reason);
  const { END, MessagesAnnotation, START, StateGraph } = await import('@langchain/langgraph');
  const { RedisSaver } = await import('@langchain/langgraph-checkpoint-redis');
  const complaints = context.mock.method(console, 'error', () => {});
  const checkpointer = await RedisSaver.fromUrl(place.url);
  const graph = new StateGraph(MessagesAnnotation)
    .addNode('model', () => ({ messages: [] }))
    .addEdge(START, 'model')
    .addEdge('model', END)
    .compile({ checkpointer });
  const thread = { configurable: { thread_id: 'first' } };
  await assert.rejects(graph.invoke({ messages: ['hi'] }, thread), /unknown command 'JSON\.SET'/);
  assert.match(String(complaints.mock.calls[0]?.arguments), /unknown command 'FT\.CREATE'/);
  await checkpointer.end();
});

test("two of LangChain's Redis histories that share its own client cannot start at once", async (context) => {
  const { place, reason } = servers.placeOn('redis');
  if (place === undefined) return context.skip(reason);
  const { RedisChatMessageHistory } = await import('@langchain/redis');
  const config = { url: place.url };
  const histories = ['first', 'second'].map((sessionId) => new RedisChatMessageHistory({ sessionId, config }));
  const [, second] = await Promise.allSettled(histories.map((history) => history.getMessages()));
  assert.match(String(second?.status === 'rejected' && second.reason), /Socket already opened/);
  await histories[0]?.client.disconnect();
});

test("a ToolMessage makes LangChain's DynamoDB history unreadable", async (context) => {
  const { place, reason } = servers.placeOn('dynamodb');
  if (place === undefined) return context.skip(reason);
  await (await langchainDynamodb.open(place)).close();
  const { DynamoDBChatMessageHistory } = await import('@langchain/community/stores/message/dynamodb');
  const tableName = `${place.namespace}-histories`;
  const history = new DynamoDBChatMessageHistory({ tableName, sessionId: 'first', config: clientConfig(place.url) });
  await history.addMessages([new ToolMessage({ tool_call_id: 'call-1', content: 'clear' })]);
  await assert.rejects(history.getMessages(), /Tool call ID must be defined/);
});

for (const peer of [genkitDynamodb, langchainDynamodb]) {
  test(`a session of ${peer.name} on DynamoDB ends at 400 KB`, async (context) => {
    const { place, reason } = servers.placeOn('dynamodb');
    if (place === undefined) return context.skip(reason);
    const contender = await peer.open(place);
    for (let index = 0; index < 3; index += 1) await contender.turn('first', longTurn(index));
    await assert.rejects(contender.turn('first', longTurn(3)), /Item size/);
    assert.equal((await contender.history('first')).length, 6);
    await contender.close();
  });
}

test('Mastra on DynamoDB does not give back what is behind the first 1 MB', async (context) => {
  const { place, reason } = servers.placeOn('dynamodb');
  if (place === undefined) return context.skip(reason);
  const contender = await mastraDynamodb.open(place);
  for (let index = 0; index < 12; index += 1) await contender.turn('first', longTurn(index));
  const texts = (await contender.history('first')).map(({ content: [part] }) => part && 'text' in part && part.text);
  assert.ok(texts.length < 24);
  assert.ok(!texts.includes(`11 ${long}`));
  assert.deepEqual(await contender.tail('first', 1), [model(String(texts.at(-1)))]);
  await contender.close();
});

test('Mastra on DynamoDB shows an empty thread where it cannot read', async (context) => {
  const { place, reason } = servers.placeOn('dynamodb');
  if (place === undefined) return context.skip(reason);
  const proxy = await FaultProxy.start(place.url);
  const contender = await mastraDynamodb.open({ ...place, url: proxy.through(place.url) });
  await contender.turn('first', [user('hi'), model('hello')]);
  await proxy.refuse();
  assert.deepEqual(await contender.history('first'), []);
  await contender.close();
  await proxy.stop();
});

test("LangChain's file history does not see, and overwrites, what another process has written", async (context) => {
  const { place } = servers.placeOn('file');
  if (place === undefined) return context.skip();
  const [one, other] = [await langchainFile.open(place), await langchainFile.open(place)];
  assert.deepEqual(await other.history('first'), []);
  await one.turn('first', [user('hi'), model('hello')]);
  assert.deepEqual(await other.history('first'), []);
  await other.turn('second', [user('hi'), model('hello')]);
  const third = await langchainFile.open(place);
  assert.deepEqual(await third.history('first'), []);
});

test('session-file-store removes a file that it cannot parse', async (context) => {
  const { place } = servers.placeOn('file');
  if (place === undefined) return context.skip();
  const contender = await sessionFileStore.open(place);
  await contender.turn('first', [user('hi'), model('hello')]);
  const file = join(place.url, place.namespace, 'first.json');
  await writeFile(file, (await readFile(file, 'utf8')).slice(0, -10));
  await assert.rejects(contender.history('first'), SyntaxError);
  assert.deepEqual(await contender.history('first'), []);
});
