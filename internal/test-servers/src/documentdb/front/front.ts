import { createServer, type Server, type Socket } from 'node:net';
import { Commands } from './commands.ts';
import { Database } from './database.ts';
import { formatReply, parseRequest, splitMessages } from './wire-message.ts';

/** Speaks MongoDB's wire protocol on one side, and SQL with DocumentDB on the other. For tests: it knows no users. */
export async function startFront(port: number, postgresPort: number): Promise<Server> {
  const database = new Database(postgresPort);
  const row = await database.query('select documentdb_api.binary_version()::text as version');
  const commands = new Commands(database, String(row?.version));
  const server = createServer((socket) => serve(socket, commands));
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

/** Answers one connection's requests in their order. */
function serve(socket: Socket, commands: Commands): void {
  let arrived: Buffer = Buffer.alloc(0);
  let chunks: Buffer[] = [];
  let bytes = 0;
  let answered: Promise<void> = Promise.resolve();
  socket.setNoDelay(true);
  socket.on('error', () => {}); // the driver went away
  socket.on('data', (data: Buffer) => {
    chunks.push(data);
    bytes += data.length;
    if (arrived.length + bytes < neededBytes(arrived, chunks[0])) return;
    const { messages, rest } = splitMessages(Buffer.concat([arrived, ...chunks]));
    arrived = rest;
    chunks = [];
    bytes = 0;
    for (const message of messages) {
      answered = answered.then(() => answer(socket, commands, message)).catch(() => void socket.destroy());
    }
  });
}

/** So that a message of 16 MB is put together once, and not with each piece that arrives. */
function neededBytes(arrived: Buffer, next: Buffer | undefined): number {
  const start = arrived.length > 0 ? arrived : next;
  return start !== undefined && start.length >= 4 ? start.readInt32LE(0) : 4;
}

async function answer(socket: Socket, commands: Commands, message: Buffer): Promise<void> {
  const request = parseRequest(message);
  const document = await commands.run(request.command, request.documents);
  if (request.wantsReply) socket.write(formatReply(request, document));
}
