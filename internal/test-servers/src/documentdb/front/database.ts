import pg from 'pg';

/** A value of a row. Documents arrive as bytes. */
export type Row = Record<string, Buffer | string | boolean | null>;

/** A connection that stays with its user until it is released. */
export interface HeldConnection {
  query(text: string, values: readonly unknown[]): Promise<Row | undefined>;
  release(): void;
}

/** DocumentDB: a PostgreSQL with functions that take and give BSON. */
export class Database {
  readonly #pool: pg.Pool;

  constructor(port: number) {
    this.#pool = new pg.Pool({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres', max: 40 });
    this.#pool.on('error', () => {}); // an idle connection was lost; the next one that is needed is made anew
  }

  /** The first row that the statement gives. */
  async query(text: string, values: readonly unknown[] = []): Promise<Row | undefined> {
    return firstRow(this.#pool, text, values);
  }

  async hold(): Promise<HeldConnection> {
    const client = await this.#pool.connect();
    client.on('error', ignore);
    return {
      query: (text, values) => firstRow(client, text, values),
      release: () => {
        client.off('error', ignore);
        client.release();
      },
    };
  }
}

/** Statements that have a name are parsed once for each connection. */
const names = new Map<string, string>();

async function firstRow(
  on: pg.Pool | pg.PoolClient,
  text: string,
  values: readonly unknown[],
): Promise<Row | undefined> {
  const name = names.get(text) ?? `s${names.size}`;
  names.set(text, name);
  const { rows } = await on.query<Row>({ name, text, values: [...values] });
  return rows[0];
}

function ignore(): void {}
