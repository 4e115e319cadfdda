/** The present: by the database's clock, or by the one that a test brought along. */
export class DatabaseTime {
  readonly #clock: (() => number) | undefined;

  constructor(clock: (() => number) | undefined) {
    this.#clock = clock;
  }

  /** For expressions. */
  get now(): Date | '$$NOW' {
    return this.#clock ? new Date(this.#clock()) : '$$NOW';
  }

  /** Sets fields to the present, in an update with operators. */
  set(...fields: string[]): { $currentDate: Record<string, true> } | { $set: Record<string, Date> } {
    const { now } = this;
    return now === '$$NOW'
      ? { $currentDate: Object.fromEntries(fields.map((field) => [field, true])) }
      : { $set: Object.fromEntries(fields.map((field) => [field, now])) };
  }
}
