import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Database } from './database.ts';
import { type Horizon, timeToLive } from './horizon.ts';
import { forEachLimited } from './limited.ts';
import { ConditionFailed } from './request-failure.ts';
import { runPrefix } from './row-key.ts';
import { TIME_TO_LIVE_ATTRIBUTE } from './table-definition.ts';

const UPDATES_AT_ONCE = 16;

/** Makes every row of a run outlive the horizon. Costs a write a row: it is done once in a while, not with every turn. */
export async function restamp(database: Database, pk: string, run: string, horizon: Horizon): Promise<void> {
  const { [TIME_TO_LIVE_ATTRIBUTE]: stamp } = timeToLive(horizon);
  for await (const items of database.rows(pk, { prefix: runPrefix(run) }, { keysOnly: true })) {
    const early = items.filter((item) => {
      const present = item[TIME_TO_LIVE_ATTRIBUTE]?.N;
      return stamp === undefined ? present !== undefined : present === undefined || Number(present) < Number(stamp.N);
    });
    await forEachLimited(early, UPDATES_AT_ONCE, async ({ sk }) => {
      try {
        await database.update({ key: { pk, sk: sk?.S ?? '' }, ...prolonging(stamp) });
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
      }
    });
  }
}

/** The row may have been purged meanwhile, or prolonged further by others, and must stay so. */
function prolonging(stamp: AttributeValue | undefined) {
  const ExpressionAttributeNames = { '#ttl': TIME_TO_LIVE_ATTRIBUTE };
  if (stamp === undefined) {
    return { UpdateExpression: 'REMOVE #ttl', ConditionExpression: 'attribute_exists(pk)', ExpressionAttributeNames };
  }
  return {
    UpdateExpression: 'SET #ttl = :stamp',
    ConditionExpression: 'attribute_exists(pk) AND (attribute_not_exists(#ttl) OR #ttl < :stamp)',
    ExpressionAttributeNames,
    ExpressionAttributeValues: { ':stamp': stamp },
  };
}
