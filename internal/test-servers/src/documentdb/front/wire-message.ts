/** A request of a MongoDB driver: a command, and for bulk writes a sequence of documents apart from it. */
export interface Request {
  readonly id: number;
  /** The command, as BSON. */
  readonly command: Buffer;
  /** BSON documents, one behind the other. */
  readonly documents: Buffer | null;
  /** Whether the driver waits for a reply. */
  readonly wantsReply: boolean;
  /** The opening `hello` of a connection may come in a form of old. */
  readonly isOldQuery: boolean;
}

const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;
const HEADER_BYTES = 16;
const CHECKSUM_PRESENT = 1;
const MORE_TO_COME = 2;

/** Takes whole messages off the front of what has arrived; the rest waits for more. */
export function splitMessages(arrived: Buffer): { messages: Buffer[]; rest: Buffer } {
  const messages: Buffer[] = [];
  let rest = arrived;
  while (rest.length >= 4 && rest.length >= rest.readInt32LE(0)) {
    const length = rest.readInt32LE(0);
    messages.push(rest.subarray(0, length));
    rest = rest.subarray(length);
  }
  return { messages, rest };
}

export function parseRequest(message: Buffer): Request {
  const id = message.readInt32LE(4);
  const operation = message.readInt32LE(12);
  if (operation === OP_QUERY) {
    const endOfName = message.indexOf(0, HEADER_BYTES + 4);
    return {
      id,
      command: message.subarray(endOfName + 1 + 8),
      documents: null,
      wantsReply: true,
      isOldQuery: true,
    };
  }
  if (operation !== OP_MSG) throw new Error(`operation ${operation} is not spoken here`);
  const flags = message.readUInt32LE(HEADER_BYTES);
  const end = message.length - (flags & CHECKSUM_PRESENT ? 4 : 0);
  let command: Buffer | undefined;
  let documents: Buffer | null = null;
  for (let at = HEADER_BYTES + 4; at < end; ) {
    const kind = message[at];
    const start = at + 1;
    const length = message.readInt32LE(start);
    if (kind === 0) command = message.subarray(start, start + length);
    else documents = message.subarray(message.indexOf(0, start + 4) + 1, start + length);
    at = start + length;
  }
  if (command === undefined) throw new Error('a message without a command');
  return { id, command, documents, wantsReply: !(flags & MORE_TO_COME), isOldQuery: false };
}

/** The reply to a request: one BSON document. */
export function formatReply(request: Request, document: Uint8Array): Buffer {
  const fixed = Buffer.alloc(request.isOldQuery ? HEADER_BYTES + 20 : HEADER_BYTES + 5);
  fixed.writeInt32LE(fixed.length + document.length, 0);
  fixed.writeInt32LE(request.id, 8);
  fixed.writeInt32LE(request.isOldQuery ? OP_REPLY : OP_MSG, 12);
  if (request.isOldQuery) fixed.writeInt32LE(1, HEADER_BYTES + 16); // one document
  return Buffer.concat([fixed, document]);
}
