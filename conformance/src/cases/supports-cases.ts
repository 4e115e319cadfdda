import { equal, ok } from '../assertions.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { specVersion } from '../spec-version.ts';
import { defineCase } from './define-case.ts';

/** SUPPORTS: the manifest. */
export const supportsCases: readonly ConformanceCase[] = [
  defineCase('SUPPORTS-1.1', 'the manifest is complete and the same for every instance', ['full'], async ({ open }) => {
    const { store } = await open();
    const { supports } = store;
    ok(supports.specVersion === specVersion, `supports.specVersion must be ${specVersion}`);
    ok(['change', 'session'].includes(supports.commitCost), "supports.commitCost must be 'change' or 'session'");
    ok(['one', 'many'].includes(supports.processes), "supports.processes must be 'one' or 'many'");
    const { ttl, list, maxMessageBytes } = supports;
    ok(ttl === false || isCount(ttl?.granularityMs), 'supports.ttl must be false or { granularityMs }');
    ok(maxMessageBytes === undefined || isCount(maxMessageBytes), 'supports.maxMessageBytes must be a whole number');
    if (list !== false) {
      ok(Array.isArray(list?.orders) && list.orders.length > 0, 'supports.list must be false or name its orders');
      const known = list.orders.every((order) => order === 'updatedAt' || order === 'createdAt');
      ok(
        known && new Set(list.orders).size === list.orders.length,
        'supports.list.orders must name each known order once',
      );
      ok(['all', 'owner'].includes(list.scope), "supports.list.scope must be 'all' or 'owner'");
      ok(['immediate', 'lagging'].includes(list.freshness), "supports.list.freshness must be 'immediate' or 'lagging'");
    }
    for (const operation of ['get', 'save', 'commit', 'list', 'delete', 'close'] as const) {
      ok(typeof store[operation] === 'function', `a store with supports must have ${operation}`);
    }
    const other = await open({ neighbour: 'other' });
    equal(other.store.supports, supports, 'a second instance must claim the same');
  }),
];

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
