// Forked by chat-processes.test.ts: chats on a file store as it is told to, and says what became of it.
import { type Model, SessError, type Session, sess, textOf } from '@sess/core';
import { fileStore } from '@sess/store-file';
import type { ChatCall, ChatReport } from './remote-chat.ts';

const [folder, ahead] = process.argv.slice(2) as [string, string];
const clock = Date.now;
Date.now = () => clock() + Number(ahead);

const store = fileStore({ folder, sweepIntervalMs: false });
const report = (message: ChatReport) => process.send?.(message);

let answerHeld = (_text: string) => {};
const held = new Promise<string>((resolve) => {
  answerHeld = resolve;
});

const echo: Model = async ({ messages }) => ({
  message: { role: 'model', content: [{ text: `re: ${textOf(messages.at(-1) ?? { content: [] })}` }] },
});

/** Says `half `, and waits for the test, whatever its signal says. */
const hold: Model = async (_, onChunk) => {
  onChunk?.({ content: [{ text: 'half ' }] });
  report({ called: true });
  return { message: { role: 'model', content: [{ text: await held }] } };
};

const ai = sess({ store, model: echo, leaseMs: 1000 });
let session: Session;

const calls: { [name in ChatCall['name']]: (...parameters: never[]) => unknown } = {
  open: async (sessionId: string) => {
    session = await ai.openSession(sessionId, { initialState: { count: 0 } });
  },
  send: async (thread: string, text: string) => (await session.chat(thread).send(text)).text,
  hold: async (thread: string, text: string) => (await session.chat(thread).send(text, { model: hold })).text,
  answer: (text: string) => answerHeld(text),
  sendMany: async (thread: string, name: string, count: number) => {
    const chat = session.chat(thread);
    for (let turn = 0; turn < count; turn += 1) await chat.send(`${name}.${turn}`);
  },
  increment: async (times: number) => {
    const counts = Array.from({ length: times }, () => session.updateState(({ count }) => ({ count: count + 1 })));
    await Promise.all(counts);
  },
  reset: () => session.reset(),
  delete: () => session.delete(),
};

process.on('message', async ({ id, name, parameters }: ChatCall) => {
  try {
    report({ id, result: await calls[name](...(parameters as never[])) });
  } catch (error) {
    report({ id, code: SessError.is(error) ? error.code : String(error) });
  }
});
report({ ready: true });
