import { type Model, type Session, sess } from '@sess/core';
import { describe, expect, test } from 'vitest';
import { echo } from './chat-samples.ts';
import { errorOf } from './samples.ts';

describe('currentSession', () => {
  test('is NO_SESSION outside', async () => {
    const ai = sess();
    await errorOf(() => ai.currentSession(), 'NO_SESSION');
    await ai.createSession().send('hi', { model: echo });
    await errorOf(() => ai.currentSession(), 'NO_SESSION');
  });

  test('is the session of the turn inside the model, the system function and the view, also after a wait', async () => {
    const ai = sess();
    const session = ai.createSession();
    const seen: Session[] = [];
    const look = async () => {
      await new Promise((resolve) => setImmediate(resolve));
      seen.push(ai.currentSession());
    };
    const model: Model = async () => {
      await look();
      return { message: { role: 'model', content: [{ text: 'done' }] } };
    };
    await session.send('hi', {
      model,
      system: async () => {
        await look();
        return 'Be short.';
      },
      history: async (messages) => {
        await look();
        return messages;
      },
    });
    expect(seen).toEqual([session, session, session]);
    expect(seen.every((one) => one === session)).toBe(true);
  });

  test('is the one given inside session.run and runWithSession, which give back what the function does', async () => {
    const ai = sess();
    const [one, two] = [ai.createSession(), ai.createSession()];
    expect(one.run(() => ai.currentSession())).toBe(one);
    expect(await ai.runWithSession(two, async () => ai.currentSession())).toBe(two);
    expect(one.run(() => two.run(() => ai.currentSession()))).toBe(two);
    expect(() =>
      one.run(() => {
        throw new RangeError('mine');
      }),
    ).toThrow(RangeError);
  });

  test('is apart in turns that run at once', async () => {
    const ai = sess();
    const model: Model = async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return { message: { role: 'model', content: [{ text: ai.currentSession().id }] } };
    };
    const sessions = Array.from({ length: 5 }, () => ai.createSession());
    const answers = await Promise.all(sessions.map((session) => session.send('hi', { model })));
    expect(answers.map(({ text }) => text)).toEqual(sessions.map(({ id }) => id));
  });
});
