import type { MessageData, ModelChunk, ModelRequest } from '@sess/core';
import { demoModel, scriptedModel } from '@sess/core/testing';
import { describe, expect, test, vi } from 'vitest';

const user = (text: string): MessageData => ({ role: 'user', content: [{ text }] });

function request(messages: MessageData[] = [user('hi')], signal = new AbortController().signal): ModelRequest {
  return { messages, signal };
}

function collector() {
  const chunks: ModelChunk[] = [];
  return { chunks, onChunk: (chunk: ModelChunk) => void chunks.push(chunk) };
}

describe('scriptedModel', () => {
  test('answers with texts, parts and responses, in order, and records the requests', async () => {
    const toolRequest = { toolRequest: { name: 'clock', ref: '1' } };
    const response = {
      message: { role: 'model' as const, content: [{ text: 'cut' }] },
      finishReason: 'length' as const,
    };
    const model = scriptedModel('hello', [toolRequest], response);
    const first = request([user('one')]);

    expect(await model(first)).toEqual({
      message: { role: 'model', content: [{ text: 'hello' }] },
      finishReason: 'stop',
    });
    expect((await model(request())).message.content).toEqual([toolRequest]);
    expect(await model(request())).toBe(response);
    expect(model.requests).toHaveLength(3);
    expect(model.requests[0]).toBe(first);
  });

  test('streams texts word by word, and other parts whole', async () => {
    const { chunks, onChunk } = collector();
    const media = { media: { url: 'https://example.org/cat.png' } };
    await scriptedModel([{ text: 'a small  cat' }, media])(request(), onChunk);
    expect(chunks.flatMap(({ content }) => content)).toEqual([
      { text: 'a ' },
      { text: 'small  ' },
      { text: 'cat' },
      media,
    ]);
  });

  test('calls a function with the request', async () => {
    const model = scriptedModel(({ messages }) => `${messages.length} messages`);
    expect((await model(request([user('a'), user('b')]))).message.content).toEqual([{ text: '2 messages' }]);
  });

  test('does not stream again what a function has streamed', async () => {
    const { chunks, onChunk } = collector();
    const model = scriptedModel((_request, stream) => {
      stream('one ');
      return 'one two';
    });
    await model(request(), onChunk);
    expect(chunks).toEqual([{ content: [{ text: 'one ' }] }]);
  });

  test('rejects with an error of the script, whether given, thrown or promised', async () => {
    const error = new Error('overloaded');
    const thrower = () => {
      throw error;
    };
    const model = scriptedModel(error, thrower, Promise.reject(error));
    await expect(model(request())).rejects.toBe(error);
    await expect(model(request())).rejects.toBe(error);
    await expect(model(request())).rejects.toBe(error);
  });

  test('waits for a promised answer', async () => {
    let open = (_answer: string) => {};
    const gate = new Promise<string>((resolve) => {
      open = resolve;
    });
    const call = scriptedModel(gate)(request());
    open('at last');
    expect((await call).message.content).toEqual([{ text: 'at last' }]);
  });

  test('an abort ends a call that waits for its answer', async () => {
    const controller = new AbortController();
    const call = scriptedModel(new Promise<string>(() => {}))(request([], controller.signal));
    controller.abort('enough');
    await expect(call).rejects.toBe('enough');
  });

  test('an abort by a reader ends a call in mid-answer', async () => {
    const controller = new AbortController();
    const words: unknown[] = [];
    const call = scriptedModel('one two three')(request([], controller.signal), ({ content }) => {
      words.push(content[0]?.text);
      if (words.length === 2) controller.abort('enough');
    });
    await expect(call).rejects.toBe('enough');
    expect(words).toEqual(['one ', 'two ']);
  });

  test('an aborted request is refused at once', async () => {
    await expect(scriptedModel('never')(request([], AbortSignal.abort('gone')))).rejects.toBe('gone');
  });

  test('says when the script is at its end', async () => {
    const model = scriptedModel('only');
    await model(request());
    await expect(model(request())).rejects.toThrow('The script of the model has 1 answers; this is call 2.');
  });

  test('goes on while a test fakes the timers', async () => {
    vi.useFakeTimers();
    try {
      expect((await scriptedModel('one two')(request())).finishReason).toBe('stop');
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('demoModel', () => {
  const answer = async (...said: string[]) => {
    const { message } = await demoModel()(request(said.map(user)));
    return message.content[0]?.text;
  };

  test('answers from the history', async () => {
    expect(await answer('my name is Pavel')).toBe('Nice to meet you, Pavel.');
    expect(await answer('my name is Pavel', 'what is my name?')).toBe('Your name is Pavel.');
    expect(await answer('My name is Pavel.', 'my name is Olga!', "What's my name")).toBe('Your name is Olga.');
    expect(await answer('what is my name?')).toBe('You have not told me your name in this thread.');
  });

  test('remembers several things, also of one sentence', async () => {
    const said = 'My name is Pavel and my favourite colour is dark green, my dogs are Rex and Bella.';
    expect(await answer(said)).toBe(
      'Nice to meet you, Pavel. I will remember that your favourite colour is dark green and your dogs are Rex and Bella.',
    );
    expect(await answer(said, 'do you remember my favourite colour?')).toBe('Your favourite colour is dark green.');
    expect(await answer(said, 'tell me my dogs')).toBe('Your dogs are Rex and Bella.');
    expect(await answer(said, 'what do you know about me?')).toBe(
      'Your name is Pavel. Your favourite colour is dark green. Your dogs are Rex and Bella.',
    );
    expect(await answer('who am I?')).toBe('You have told me nothing about yourself in this thread.');
  });

  test('a question is no statement', async () => {
    expect(await answer('my name is Pavel', 'do you know what my name is?', 'what is my name?')).toBe(
      'Your name is Pavel.',
    );
  });

  test('counts, greets, and says what it can do', async () => {
    expect(await answer('how many messages?')).toBe('You have sent 1 message in this thread.');
    expect(await answer('one', 'two', 'how many messages?')).toBe('You have sent 3 messages in this thread.');
    expect(await answer('Hello')).toBe('Hello! What is your name?');
    expect(await answer('my name is Pavel', 'hi')).toBe('Hello again, Pavel!');
    expect(await answer('help')).toContain('my name is Pavel');
    expect(await answer('what can you do?')).toContain('my name is Pavel');
    expect(await answer('The sky is blue')).toContain('You said "The sky is blue".');
    expect(await answer()).toContain('I am only a demo');
  });

  test('knows only what it is given', async () => {
    const model = demoModel();
    await model(request([user('my name is Pavel')]));
    const { message } = await model(request([user('what is my name?')]));
    expect(message.content).toEqual([{ text: 'You have not told me your name in this thread.' }]);
  });

  test('streams word by word, and the words make the answer', async () => {
    const { chunks, onChunk } = collector();
    const { message } = await demoModel({ delayMs: 1 })(request([user('my name is Pavel')]), onChunk);
    const words = chunks.map(({ content }) => content[0]?.text);
    expect(words).toEqual(['Nice ', 'to ', 'meet ', 'you, ', 'Pavel.']);
    expect(message.content).toEqual([{ text: words.join('') }]);
  });

  test('an abort ends it, also within a long pause', async () => {
    const controller = new AbortController();
    const call = demoModel({ delayMs: 2 ** 30 })(request([user('hello')], controller.signal), () =>
      controller.abort('enough'),
    );
    await expect(call).rejects.toBe('enough');
  });
});
