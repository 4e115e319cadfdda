import { type FileHandle, mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Contender, Message } from '../contender.ts';

/** How much of the file's end a tail begins with; twice as much each time that was not enough. */
const FIRST_READ = 65_536;

export const bareFile: Contender = {
  name: 'bare file',
  kind: 'bare',
  backend: 'file',
  packages: [],
  how: 'Appends the JSON of the turn as one line and syncs it: the cheapest durable write. Loads the end of the file.',
  notes: ['Nothing keeps two writers apart, and a line that a kill has cut in two makes the file unreadable.'],
  async open({ url, namespace, fsync }) {
    const folder = join(url, namespace);
    await mkdir(folder, { recursive: true });
    const pathOf = (sessionId: string) => join(folder, `${sessionId}.jsonl`);

    const kept = new Map<string, Promise<FileHandle>>();

    async function write(file: FileHandle, messages: readonly Message[]): Promise<void> {
      await file.write(Buffer.from(`${JSON.stringify(messages)}\n`));
      if (fsync) await file.datasync();
    }

    async function tail(sessionId: string, count: number): Promise<Message[]> {
      await using file = await open(pathOf(sessionId), 'a+');
      const { size } = await file.stat();
      for (let length = FIRST_READ; ; length *= 2) {
        const start = Math.max(0, size - length);
        const buffer = Buffer.alloc(size - start);
        await file.read(buffer, 0, buffer.length, start);
        const lines = buffer.toString('utf8').split('\n');
        const messages = messagesOf(start > 0 ? lines.slice(1) : lines);
        if (start === 0 || messages.length >= count) return messages.slice(-count);
      }
    }

    return {
      async turn(sessionId, messages) {
        await tail(sessionId, 20);
        await using file = await open(pathOf(sessionId), 'a');
        await write(file, messages);
      },
      async append(sessionId, messages) {
        const file = kept.get(sessionId) ?? open(pathOf(sessionId), 'a');
        kept.set(sessionId, file);
        await write(await file, messages);
      },
      tail,
      history: async (sessionId) => messagesOf((await readFile(pathOf(sessionId), 'utf8')).split('\n')),
      async *list() {
        for (const name of await readdir(folder)) yield name.replace(/\.jsonl$/, '');
      },
      delete: (sessionId) => rm(pathOf(sessionId)),
      async close() {
        for (const file of kept.values()) await (await file).close();
      },
    };
  },
};

function messagesOf(lines: readonly string[]): Message[] {
  return lines.filter((line) => line !== '').flatMap((line) => JSON.parse(line));
}
