import type { Database } from './database.ts';
import { sessionIdOf } from './header.ts';
import { sweepPartition, sweepPlace } from './place.ts';
import type { SessionWriter } from './session-writer.ts';
import { recordIn, type Staging } from './staging.ts';
import { INDEXES, SORT_ATTRIBUTES } from './table-definition.ts';

export interface SweepSettings {
  readonly database: Database;
  readonly staging: Staging;
  readonly writer: SessionWriter;
  readonly prefix: string;
  readonly now: () => number;
}

/** Finishes what dead processes left unfinished: deletions, and changes that were staged. */
export async function sweep({ database, staging, writer, prefix, now }: SweepSettings): Promise<{ removed: number }> {
  let removed = 0;
  const left = database.query({
    IndexName: INDEXES.all.updatedAt.name,
    KeyConditionExpression: '#partition = :partition AND #sort <= :due',
    ExpressionAttributeNames: { '#partition': INDEXES.all.updatedAt.partition, '#sort': SORT_ATTRIBUTES.updatedAt },
    ExpressionAttributeValues: { ':partition': { S: sweepPartition(prefix) }, ':due': { S: sweepPlace(now()) } },
  });
  for await (const items of left) {
    for (const { pk, sk } of items) {
      const record = recordIn(sk?.S ?? '');
      const isRemoved = record
        ? await staging.sweep(pk?.S ?? '', record.run, record.tag)
        : await writer.finish(sessionIdOf(prefix, pk?.S ?? ''));
      if (isRemoved) removed += 1;
    }
  }
  return { removed };
}
