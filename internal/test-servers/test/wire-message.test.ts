import { BSON } from 'mongodb';
import { expect, test } from 'vitest';
import { formatReply, parseRequest, splitMessages } from '../src/documentdb/front/wire-message.ts';

/** An OP_MSG: flags, and sections of kind 0 (a document) and 1 (a sequence). */
function opMsg(id: number, flags: number, sections: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(20);
  const body = Buffer.concat(sections);
  head.writeInt32LE(head.length + body.length, 0);
  head.writeInt32LE(id, 4);
  head.writeInt32LE(2013, 12);
  head.writeUInt32LE(flags, 16);
  return Buffer.concat([head, body]);
}

const document = (value: object) => Buffer.from(BSON.serialize(value));
const command = (value: object) => Buffer.concat([Buffer.from([0]), document(value)]);

function sequence(name: string, values: readonly object[]): Buffer {
  const content = Buffer.concat([Buffer.from(`${name}\0`), ...values.map(document)]);
  const length = Buffer.alloc(4);
  length.writeInt32LE(4 + content.length, 0);
  return Buffer.concat([Buffer.from([1]), length, content]);
}

test('a command and the documents apart from it', () => {
  const message = opMsg(7, 0, [command({ insert: 'c' }), sequence('documents', [{ a: 1 }, { a: 2 }])]);
  const request = parseRequest(message);
  expect(request).toMatchObject({ id: 7, wantsReply: true, isOldQuery: false });
  expect(BSON.deserialize(request.command)).toEqual({ insert: 'c' });
  expect(request.documents).toEqual(Buffer.concat([document({ a: 1 }), document({ a: 2 })]));
});

test('a message that wants no reply, with a checksum', () => {
  const request = parseRequest(opMsg(8, 3, [command({ ping: 1 }), Buffer.alloc(4)]));
  expect(request.wantsReply).toBe(false);
  expect(BSON.deserialize(request.command)).toEqual({ ping: 1 });
});

test('messages that arrive in pieces are put together', () => {
  const all = Buffer.concat([opMsg(1, 0, [command({ ping: 1 })]), opMsg(2, 0, [command({ ping: 2 })])]);
  let arrived = Buffer.alloc(0);
  const ids: number[] = [];
  for (const byte of all) {
    const { messages, rest } = splitMessages(Buffer.concat([arrived, Buffer.from([byte])]));
    ids.push(...messages.map((message) => parseRequest(message).id));
    arrived = Buffer.from(rest);
  }
  expect(ids).toEqual([1, 2]);
});

test('a reply names the request that it answers', () => {
  const request = parseRequest(opMsg(9, 0, [command({ ping: 1 })]));
  const reply = formatReply(request, document({ ok: 1 }));
  expect([reply.readInt32LE(0), reply.readInt32LE(8), reply.readInt32LE(12)]).toEqual([reply.length, 9, 2013]);
  expect(BSON.deserialize(reply.subarray(21))).toEqual({ ok: 1 });
});
