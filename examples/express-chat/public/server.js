// Talking to the server. Every failure is an error with the server's `code`.

/** What a request is answered with, as JSON; undefined where there is nothing. */
export async function ask(method, path, body) {
  const response = await request(method, path, body);
  return response.status === 204 ? undefined : response.json();
}

/** The events of an answer that is being made, as `{ event, data }`; none where no answer is. */
export async function listen(method, path, body) {
  const response = await request(method, path, body, { accept: 'text/event-stream' });
  return response.status === 204 ? [] : eventsOf(response);
}

async function* eventsOf(response) {
  let rest = '';
  for await (const text of piecesOf(response.body.pipeThrough(new TextDecoderStream()))) {
    const blocks = (rest + text).split('\n\n');
    rest = blocks.pop();
    for (const block of blocks) {
      const [, event, data] = /^event: (.+)\ndata: (.+)$/.exec(block) ?? [];
      if (event === 'error') throw failure(JSON.parse(data));
      if (event !== undefined) yield { event, data: JSON.parse(data) };
      if (event === 'done') return;
    }
  }
  throw failure({ code: 'CUT_OFF', message: 'The connection was lost. The answer is made nevertheless: reload.' });
}

async function request(method, path, body, headers) {
  const content = body && { body: JSON.stringify(body), headers: { ...headers, 'content-type': 'application/json' } };
  const response = await fetch(path, { method, headers, ...content }).catch(() => {
    throw failure({ code: 'UNREACHABLE', message: 'The server cannot be reached.' });
  });
  if (response.ok) return response;
  const unknown = { code: 'UNKNOWN', message: `The server answers with status ${response.status}.` }; // of a proxy
  throw failure(await response.json().catch(() => unknown));
}

// Not every browser can iterate a stream.
async function* piecesOf(stream) {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(() => ({ done: true })); // the connection is lost
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

function failure({ code, message }) {
  return Object.assign(new Error(message), { code });
}
