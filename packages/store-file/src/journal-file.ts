import { fstatSync } from 'node:fs';
import { constants, type FileHandle, open } from 'node:fs/promises';
import { isRefusal } from './file-error.ts';

/** An open file of a journal: read anywhere, write at the end only. */
export class JournalFile {
  readonly path: string;
  /** Why it could be opened for reading only, where that is so. */
  readonly refusal: unknown;
  readonly #handle: FileHandle;

  private constructor(path: string, handle: FileHandle, refusal?: unknown) {
    this.path = path;
    this.#handle = handle;
    this.refusal = refusal;
  }

  /** Opens for reading and, where this user may, for appending. */
  static async open(path: string): Promise<JournalFile> {
    try {
      return new JournalFile(path, await open(path, constants.O_RDWR | constants.O_APPEND));
    } catch (error) {
      if (!isRefusal(error)) throw error;
      return new JournalFile(path, await open(path, constants.O_RDONLY), error);
    }
  }

  /** Makes a new file, which only this user may read. `path`: what it will be called once it is where it belongs. */
  static async create(temporaryPath: string, path: string): Promise<JournalFile> {
    return new JournalFile(path, await open(temporaryPath, 'ax+', 0o600));
  }

  /**
   * Its length, and whether it has been removed from its folder. The system has both in memory as long as the file is
   * open: to ask is cheaper than to hand the question to another thread.
   */
  stat(): { size: number; removed: boolean } {
    const { size, nlink } = fstatSync(this.#handle.fd);
    return { size, removed: nlink === 0 };
  }

  /** The bytes there; fewer than `length` where the file ends before. */
  async read(at: number, length: number): Promise<Buffer> {
    const buffer = Buffer.allocUnsafe(length);
    let filled = 0;
    while (filled < length) {
      const { bytesRead } = await this.#handle.read(buffer, filled, length - filled, at + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return buffer.subarray(0, filled);
  }

  /**
   * Appends with one call, so that no other process's bytes come in between. What is cut short stays cut short: the
   * rest could not follow it directly.
   */
  async append(bytes: Buffer): Promise<void> {
    const { bytesWritten } = await this.#handle.write(bytes, 0, bytes.length, null);
    if (bytesWritten === bytes.length) return;
    throw Object.assign(new Error(`Only ${bytesWritten} of ${bytes.length} bytes could be written.`), {
      code: 'ENOSPC',
    });
  }

  async sync(): Promise<void> {
    await this.#handle.datasync();
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

/** Makes sure that the names in a folder survive a power cut. Where folders cannot be synced (Windows), does nothing. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(path, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
