import type { Document } from 'mongodb';

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

  /**
   * A condition of a filter. The time is in a variable of ours, since DocumentDB compares `$$NOW` itself with indexes, and
   * fails at that.
   */
  condition(build: (now: '$$now') => Document): Document {
    return { $expr: { $let: { vars: { now: this.now }, in: build('$$now') } } };
  }

  /** Sets fields to the present, in an update with operators. */
  set(...fields: string[]): { $currentDate: Record<string, true> } | { $set: Record<string, Date> } {
    const { now } = this;
    return now === '$$NOW'
      ? { $currentDate: Object.fromEntries(fields.map((field) => [field, true])) }
      : { $set: Object.fromEntries(fields.map((field) => [field, now])) };
  }
}
