import { setTimeout as delay } from 'node:timers/promises';
import { BSON } from 'mongodb';
import { bytes, Cursors } from './cursors.ts';
import type { Database } from './database.ts';
import { CommandError, isLostConnection, mongoCodeOf, unpackCode } from './error-code.ts';

const EMPTY_DOCUMENT_BYTES = 5;
const INDEX_POLL_MS = 50;
const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;
const AUTHENTICATION_FAILED = 18;
const NAMESPACE_NOT_FOUND = 26;
const COMMAND_NOT_FOUND = 59;

/** A command as it came, and with the values that the front itself looks at. */
interface Command {
  readonly database: string;
  readonly bson: Buffer;
  readonly documents: Buffer | null;
  readonly value: BSON.Document;
}

/** A document, or its BSON. */
type Answer = BSON.Document | Buffer;

const BSON_TYPE = 'documentdb_core.bson';
/** Values stay as they are in BSON: a long is not turned into a number and back into an int. */
const AS_STORED = { promoteValues: false, promoteBuffers: false } as const;

/** MongoDB's commands in terms of DocumentDB's functions. */
export class Commands {
  readonly #database: Database;
  readonly #cursors: Cursors;
  readonly #version: string;
  readonly #handlers: Readonly<Record<string, (command: Command) => Answer | Promise<Answer>>>;
  #expiry: NodeJS.Timeout | undefined;

  constructor(database: Database, version: string) {
    this.#database = database;
    this.#cursors = new Cursors(database);
    this.#version = version;
    this.#handlers = {
      hello: () => this.#hello(),
      ismaster: () => this.#hello(),
      isMaster: () => this.#hello(),
      ping: () => ({ ok: 1 }),
      endSessions: () => ({ ok: 1 }),
      buildInfo: () => this.#buildInfo(),
      buildinfo: () => this.#buildInfo(),
      saslStart: () => refuseLogin(),
      insert: (command) => this.#write('insert', command),
      update: (command) => this.#write('update', command),
      delete: (command) => this.#write('delete', command),
      findAndModify: (command) => this.#document('documentdb_api.find_and_modify', 'p_result', command),
      findandmodify: (command) => this.#document('documentdb_api.find_and_modify', 'p_result', command),
      count: (command) => this.#document('documentdb_api.count_query', 'document', command),
      distinct: (command) => this.#document('documentdb_api.distinct_query', 'document', command),
      find: (command) => this.#page('find_cursor_first_page', command),
      aggregate: (command) => this.#page('aggregate_cursor_first_page', command),
      listCollections: (command) => this.#page('list_collections_cursor_first_page', command),
      listIndexes: (command) => this.#page('list_indexes_cursor_first_page', command),
      getMore: ({ database, bson, value }) => this.#cursors.next(String(value.getMore), database, bson),
      killCursors: ({ value }) => this.#killCursors(value.cursors),
      createIndexes: (command) => this.#createIndexes(command),
      dropIndexes: (command) => this.#dropIndexes(command),
      create: (command) => this.#document('documentdb_api.create_collection_view', undefined, command),
      drop: (command) => this.#drop(command),
      dropDatabase: (command) => this.#dropDatabase(command),
      listDatabases: ({ bson }) => this.#listDatabases(bson),
      setParameter: ({ value }) => this.#setParameter(value),
    };
  }

  /** Answers a command, with an error document where it fails. Rejects where PostgreSQL is lost. */
  async run(bson: Buffer, documents: Buffer | null): Promise<Uint8Array> {
    const value = BSON.deserialize(bson);
    const name = Object.keys(value)[0] ?? '';
    const handler = this.#handlers[name];
    try {
      if (handler === undefined) throw new CommandError(COMMAND_NOT_FOUND, `no such command: '${name}'`);
      const answer = await handler({ database: String(value.$db ?? 'admin'), bson, documents, value });
      return Buffer.isBuffer(answer) ? answer : BSON.serialize(answer);
    } catch (error) {
      if (!(error instanceof CommandError) && isLostConnection(error)) throw error;
      return BSON.serialize({ ok: 0, code: mongoCodeOf(error), errmsg: (error as Error).message });
    }
  }

  stop(): void {
    clearInterval(this.#expiry);
  }

  #hello(): Answer {
    return {
      helloOk: true,
      ismaster: true,
      isWritablePrimary: true,
      maxBsonObjectSize: MAX_DOCUMENT_BYTES,
      maxMessageSizeBytes: 48_000_000,
      maxWriteBatchSize: 25_000,
      localTime: new Date(),
      minWireVersion: 0,
      maxWireVersion: 21,
      readOnly: false,
      ok: 1,
    };
  }

  #buildInfo(): Answer {
    const versionArray = this.#version.split('.').map(Number);
    return { product: 'DocumentDB', version: this.#version, versionArray, ok: 1 };
  }

  async #write(kind: 'insert' | 'update' | 'delete', { database, bson, documents }: Command): Promise<Answer> {
    const row = await this.#database.query(
      `select p_result::bytea as result from documentdb_api.${kind}($1::text, $2::${BSON_TYPE}, $3::documentdb_core.bsonsequence)`,
      [database, bson, documents],
    );
    const result = BSON.deserialize(bytes(row, 'result'), AS_STORED);
    for (const error of result.writeErrors ?? []) error.code = unpackCode(Number(error.code));
    return result;
  }

  async #document(statement: string, column: string | undefined, { database, bson }: Command): Promise<Answer> {
    const call = `${statement}($1::text, $2::${BSON_TYPE})`;
    const text =
      column === undefined ? `select ${call}::bytea as result` : `select ${column}::bytea as result from ${call}`;
    return bytes(await this.#database.query(text, [database, bson]), 'result');
  }

  #page(statement: string, { database, bson }: Command): Promise<Answer> {
    return this.#cursors.first(`documentdb_api.${statement}($1::text, $2::${BSON_TYPE})`, [database, bson]);
  }

  #killCursors(ids: readonly unknown[]): Answer {
    for (const id of ids) this.#cursors.kill(String(id));
    return { cursorsKilled: ids, cursorsNotFound: [], cursorsAlive: [], cursorsUnknown: [], ok: 1 };
  }

  /** Indexes of a new collection are built at once; those of an old one by a background job, which is waited for. */
  async #createIndexes({ database, bson }: Command): Promise<Answer> {
    const row = await this.#database.query(
      'select retval::bytea as result, requests::bytea as requests ' +
        `from documentdb_api.create_indexes_background($1::text, $2::${BSON_TYPE})`,
      [database, bson],
    );
    if (row?.requests === null) return bytes(row, 'result');
    const requests = bytes(row, 'requests');
    while (requests.length > EMPTY_DOCUMENT_BYTES) {
      const status = await this.#database.query(
        `select retval::bytea as result, ok, complete from documentdb_api_internal.check_build_index_status($1::${BSON_TYPE})`,
        [requests],
      );
      if (status?.complete === true) {
        if (status.ok === true) break;
        return bytes(status, 'result');
      }
      await delay(INDEX_POLL_MS);
    }
    return bytes(row, 'result');
  }

  async #dropIndexes({ database, bson }: Command): Promise<Answer> {
    const row = await this.#database.query(`call documentdb_api.drop_indexes($1::text, $2::${BSON_TYPE}, null)`, [
      database,
      bson,
    ]);
    return bytes(row, 'retval');
  }

  async #drop({ database, value }: Command): Promise<Answer> {
    const row = await this.#database.query('select documentdb_api.drop_collection($1::text, $2::text) as dropped', [
      database,
      value.drop,
    ]);
    if (!row?.dropped) throw new CommandError(NAMESPACE_NOT_FOUND, 'ns not found');
    return { ok: 1 };
  }

  async #dropDatabase({ database }: Command): Promise<Answer> {
    await this.#database.query('select documentdb_api.drop_database($1::text) as dropped', [database]);
    return { dropped: database, ok: 1 };
  }

  async #listDatabases(bson: Buffer): Promise<Answer> {
    const text = `select documentdb_api.list_databases($1::${BSON_TYPE})::bytea as result`;
    return bytes(await this.#database.query(text, [bson]), 'result');
  }

  /** As MongoDB's, this one parameter tells how often what has expired is removed. */
  #setParameter({ ttlMonitorSleepSecs }: BSON.Document): Answer {
    if (!(ttlMonitorSleepSecs > 0)) throw new CommandError(COMMAND_NOT_FOUND, 'no such parameter');
    clearInterval(this.#expiry);
    const remove = () => this.#database.query('call documentdb_api_internal.delete_expired_rows(1000)').catch(() => {});
    this.#expiry = setInterval(remove, ttlMonitorSleepSecs * 1000);
    return { was: 60, ok: 1 };
  }
}

/** There are no users here, so whoever logs in does so in vain. */
function refuseLogin(): never {
  throw new CommandError(AUTHENTICATION_FAILED, 'Authentication failed.');
}
