import type { ChatCall, Reply } from './chat-server.ts';

const usage = { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 };

/** Says these pieces; in one, where no stream is asked for. */
export function say(...pieces: string[]): Reply {
  return (call) => {
    if (call.body.stream !== true) {
      sendJson(call, { role: 'assistant', content: pieces.join('') }, 'stop');
      return;
    }
    begin(call);
    for (const content of pieces) send(call, { choices: [{ index: 0, delta: { content } }] });
    finish(call, 'stop');
  };
}

/** Asks for tools, by streaming their inputs in halves. */
export function askForTools(...tools: { id: string; name: string; input: string }[]): Reply {
  return (call) => {
    begin(call);
    for (const [index, { id, name, input }] of tools.entries()) {
      const half = Math.floor(input.length / 2);
      const first = { index, id, type: 'function', function: { name, arguments: input.slice(0, half) } };
      send(call, { choices: [{ index: 0, delta: { tool_calls: [first] } }] });
      const second = { index, function: { arguments: input.slice(half) } };
      send(call, { choices: [{ index: 0, delta: { tool_calls: [second] } }] });
    }
    finish(call, 'tool_calls');
  };
}

/** Refuses the request, as OpenAI words it. */
export function refuse(status: number, message: string): Reply {
  return ({ response }) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: { message, type: 'error', param: null, code: null } }));
  };
}

/** Begins to answer, then cuts the connection. */
export function cutAfter(text: string): Reply {
  return (call) => {
    begin(call);
    const { response } = call;
    response.write(event({ choices: [{ index: 0, delta: { content: text } }] }), () => response.destroy());
  };
}

/** Begins to answer, and ends the stream as if that were all. */
export function endWithoutFinish(text: string): Reply {
  return (call) => {
    begin(call);
    send(call, { choices: [{ index: 0, delta: { content: text } }] });
    call.response.end();
  };
}

/** Begins to answer, and never goes on. */
export function hangAfter(text: string): Reply {
  return (call) => {
    begin(call);
    send(call, { choices: [{ index: 0, delta: { content: text } }] });
  };
}

function begin({ response }: ChatCall): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
}

function finish(call: ChatCall, reason: string): void {
  send(call, { choices: [{ index: 0, delta: {}, finish_reason: reason }] });
  send(call, { choices: [], usage });
  call.response.end('data: [DONE]\n\n');
}

function send({ response }: ChatCall, piece: object): void {
  response.write(event(piece));
}

function event(piece: object): string {
  return `data: ${JSON.stringify({ id: 'answer-1', model: 'llama', created: 1, object: 'chat.completion.chunk', ...piece })}\n\n`;
}

function sendJson({ response }: ChatCall, message: object, reason: string): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  const choices = [{ index: 0, message, finish_reason: reason }];
  response.end(
    JSON.stringify({ id: 'answer-1', model: 'llama', created: 1, object: 'chat.completion', choices, usage }),
  );
}
