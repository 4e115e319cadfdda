// Forked by kept.test.ts: takes a turn with a round of tools, and stops at the point that it is told, until it is killed.
import { type FullSessionStore, type Model, type Part, sess } from '@sess/core';
import { fileStore } from '@sess/store-file';

const [folder, sessionId, point] = process.argv.slice(2) as [string, string, string];

process.on('message', () => {}); // so that the channel to the parent keeps the process alive

async function reach(name: string): Promise<void> {
  if (name !== point) return;
  process.send?.(name);
  await new Promise(() => {});
}

const store: FullSessionStore = fileStore({ folder, sweepIntervalMs: false });
const commit = store.commit.bind(store);
let commits = 0;
store.commit = async (id, change) => {
  const appends = Object.values(change.threads ?? {}).length > 0; // other commits only renew the lease
  if (appends) commits += 1;
  const name = `commit ${commits}`;
  if (appends) await reach(`before ${name}`);
  const result = await commit(id, change);
  if (appends) await reach(`after ${name}`);
  return result;
};

const request = (name: string, ref: string): Part => ({ toolRequest: { name, ref, input: {} } });
const rounds: Part[][] = [
  [{ text: 'Wait. ' }, request('good', '1'), request(point.includes('respond') ? 'ask' : 'slow', '2')],
  [{ text: 'It is noon.' }],
];
let calls = 0;
const model: Model = async (_, onChunk) => {
  const content = rounds[calls] ?? [];
  calls += 1;
  onChunk?.({ content: content.slice(0, 1) });
  await reach(`${point.includes('respond') ? 'respond ' : ''}answer ${calls}`);
  return { message: { role: 'model', content } };
};

const ai = sess({ store, model, leaseMs: 100, tools: ['good', 'slow', 'ask'] });
ai.defineTool({ name: 'good', description: '' }, () => 'fine');
ai.defineTool({ name: 'slow', description: '' }, () => reach('tools'));
ai.defineInterrupt({ name: 'ask', description: '' });

const chat = (await ai.loadSession(sessionId)).chat();
const { finishReason } = await chat.send('question');
if (finishReason === 'interrupted') {
  await reach('before respond');
  await chat.respond([{ ref: '2', output: 'yes' }]);
  await reach('after respond');
}
await reach('end');
