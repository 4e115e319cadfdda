import { BSON } from 'mongodb';
import type { Database, HeldConnection, Row } from './database.ts';
import { CommandError } from './error-code.ts';

const CURSOR_NOT_FOUND = 43;

/** Pages of answers. Some cursors live in a PostgreSQL connection, which then is held until they end. */
export class Cursors {
  readonly #database: Database;
  readonly #open = new Map<string, { continuation: Buffer; connection: HeldConnection | undefined }>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** @param statement The one that gives the first page: of find, of aggregate, of a listing. */
  async first(statement: string, values: readonly unknown[]): Promise<Buffer> {
    const connection = await this.#database.hold();
    let isKept = false;
    try {
      const row = await connection.query(
        `select cursorpage::bytea as page, continuation::bytea as continuation, persistconnection from ${statement}`,
        values,
      );
      const page = bytes(row, 'page');
      if (row?.continuation) {
        isKept = row.persistconnection === true;
        const continuation = bytes(row, 'continuation');
        this.#open.set(cursorId(page), { continuation, connection: isKept ? connection : undefined });
      }
      return page;
    } finally {
      if (!isKept) connection.release();
    }
  }

  async next(id: string, database: string, command: Buffer): Promise<Buffer> {
    const cursor = this.#open.get(id);
    if (cursor === undefined) throw new CommandError(CURSOR_NOT_FOUND, `cursor id ${id} not found`);
    const row = await (cursor.connection ?? this.#database).query(
      'select cursorpage::bytea as page, continuation::bytea as continuation ' +
        'from documentdb_api.cursor_get_more($1::text, $2::documentdb_core.bson, $3::documentdb_core.bson)',
      [database, command, cursor.continuation],
    );
    if (row?.continuation) cursor.continuation = bytes(row, 'continuation');
    else this.kill(id);
    return bytes(row, 'page');
  }

  kill(id: string): void {
    this.#open.get(id)?.connection?.release();
    this.#open.delete(id);
  }
}

/** A column of bytes. */
export function bytes(row: Row | undefined, column: string): Buffer {
  const value = row?.[column];
  if (!(value instanceof Buffer)) throw new Error(`DocumentDB gave no ${column}`);
  return value;
}

function cursorId(page: Buffer): string {
  const { cursor } = BSON.deserialize(page, { promoteValues: false }) as { cursor: { id: unknown } };
  return String(cursor.id);
}
