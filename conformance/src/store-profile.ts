import type { FullSessionStore, StoreSupports } from '@sess/core/store';
import type { CaseStatus } from './case-result.ts';
import { closeOpened } from './close-opened.ts';
import type { Requirement } from './conformance-case.ts';
import { type MissingOperation, missingOperations } from './missing-operations.ts';
import { realTime } from './run-time.ts';
import type { ConformanceTarget } from './target.ts';

/** A store without a clock whose expiries are seen later than this (ms) would have to be waited for too long. */
const LONGEST_WAIT_MS = 5_000;

/** What a store claims and a target offers, found out by opening it once. */
export interface StoreProfile {
  /** Undefined: a minimal store. */
  readonly supports: StoreSupports | undefined;
  /** What the store claims to do, and says itself that it does not do yet. Empty for a store that is finished. */
  readonly missing: readonly MissingOperation[];
  /** Whether the store's time is the `clock` that the target was given. */
  readonly takesClock: boolean;
  readonly offers: { readonly disconnect: boolean; readonly break: boolean; readonly client: boolean };
}

/** Opens the target on a space of its own and looks. Rejects where it cannot be opened. */
export async function profileOf(target: ConformanceTarget, space: string): Promise<StoreProfile> {
  const opened = await target.open({ space });
  const offers = {
    disconnect: opened.disconnect !== undefined,
    break: opened.break !== undefined,
    client: opened.client !== undefined,
  };
  const { supports } = opened.store as Partial<FullSessionStore>;
  if (typeof opened.store.get !== 'function' || typeof opened.store.save !== 'function') {
    await closeOpened(opened);
    throw new Error(`The store that ${target.name} opens has no get and save.`);
  }
  if (supports === undefined) {
    await closeOpened(opened);
    return { supports, missing: [], takesClock: false, offers };
  }
  const missing = await missingOperations(opened);
  const canBeUsed = missing.every(({ operations }) => operations.every((operation) => operation === 'list'));
  const takesClock = supports.ttl !== false && canBeUsed && (await callsClock(target, `${space}-clock`));
  return { supports, missing, takesClock, offers };
}

/** Why a requirement is not met; undefined where it is. */
export function unmetRequirement(
  requirement: Requirement,
  { supports, takesClock, offers }: StoreProfile,
  target: ConformanceTarget,
  targetUrl: URL | undefined,
): { status: CaseStatus; reason: string } | undefined {
  const notClaimed = (reason: string) => ({ status: 'not claimed' as const, reason });
  const notApplicable = (reason: string) => ({ status: 'not applicable' as const, reason });
  const notOffered = (reason: string) => ({ status: 'not offered' as const, reason });
  const hook = (name: 'disconnect' | 'break') => {
    const reason = target.without?.[name];
    return reason === undefined ? notOffered(`the target offers no ${name}`) : notApplicable(`no ${name}: ${reason}`);
  };
  switch (requirement) {
    case 'full':
      return supports === undefined ? notClaimed('not claimed: a minimal store has get and save only') : undefined;
    case 'ttl':
      if (supports === undefined || supports.ttl === false) return notClaimed('not claimed: ttl');
      if (takesClock || supports.ttl.granularityMs <= LONGEST_WAIT_MS) return undefined;
      return notOffered('the target passes no clock to the store, and its expiries are too late to be waited for');
    case 'list':
      return supports?.list ? undefined : notClaimed('not claimed: list');
    case 'list by createdAt':
      return supports !== undefined && supports.list !== false && supports.list.orders.includes('createdAt')
        ? undefined
        : notClaimed('not claimed: list by createdAt');
    case 'list of less than all': {
      if (supports === undefined) return notClaimed('not claimed: list');
      const claimsAll = supports.list && supports.list.orders.length === 2 && supports.list.scope === 'all';
      return claimsAll ? notApplicable('the store claims every order and scope') : undefined;
    }
    case 'processes':
      return supports?.processes === 'many' ? undefined : notClaimed('not claimed: several processes');
    case 'target file':
      return targetUrl === undefined ? notOffered('processes need the URL of a target file') : undefined;
    case 'disconnect':
    case 'break':
      return offers[requirement] ? undefined : hook(requirement);
    case 'client':
      return offers.client ? undefined : notApplicable('the target shows no client');
    case 'previous':
      return target.previous === undefined ? notApplicable('the target has no data of a previous release') : undefined;
  }
}

async function callsClock(target: ConformanceTarget, space: string): Promise<boolean> {
  let called = false;
  const clock = () => {
    called = true;
    return realTime.now();
  };
  const opened = await target.open({ space, ttl: 3_600_000, clock });
  try {
    await opened.store.save('probe', { threads: {} });
    await opened.store.get('probe');
    return called;
  } finally {
    await closeOpened(opened);
  }
}
