import { SessError } from '@sess/core/store';
import { MongoClient, type MongoClientOptions } from 'mongodb';

const SELECTION_MS = 5_000;

/** The caller's client, or one of the store's own, which gives up in time. Throws INVALID_ARGUMENT. */
export function openClient(
  { client, url, clientOptions }: { client?: MongoClient; url?: string; clientOptions?: MongoClientOptions },
  timeoutMs: number,
): { client: MongoClient; isOwn: boolean } {
  if ((client === undefined) === (url === undefined)) {
    throw new SessError('INVALID_ARGUMENT', 'Give the store either a url or a client.');
  }
  if (client !== undefined) return { client, isOwn: false };
  const defaults = {
    serverSelectionTimeoutMS: Math.min(SELECTION_MS, timeoutMs),
    connectTimeoutMS: Math.min(SELECTION_MS, timeoutMs),
    socketTimeoutMS: timeoutMs,
  };
  // What the connection string says about these is the caller's wish too.
  const wished = Object.entries(defaults).filter(([name]) => !new RegExp(`[?&]${name}=`, 'i').test(url as string));
  try {
    return { client: new MongoClient(url as string, { ...Object.fromEntries(wished), ...clientOptions }), isOwn: true };
  } catch {
    // The driver's message may quote the string, with the password in it.
    throw new SessError('INVALID_ARGUMENT', 'url, or clientOptions, is not what the mongodb driver understands.');
  }
}
