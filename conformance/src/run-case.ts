import type { FullSessionStore } from '@sess/core/store';
import { CallLog } from './call-log.ts';
import type { CaseContext, CaseStore } from './case-context.ts';
import type { FailureDetails } from './case-result.ts';
import { closeOpened } from './close-opened.ts';
import type { ConformanceCase } from './conformance-case.ts';
import { describeError } from './describe-value.ts';
import { ConformanceFailure } from './failure.ts';
import { realTime, virtualTime } from './run-time.ts';
import type { StoreProfile } from './store-profile.ts';
import type { ConformanceTarget, OpenedStore } from './target.ts';

/** For how long (ms) a case may run where it says nothing else. */
export const CASE_TIMEOUT_MS = 60_000;
const CLOSE_TIMEOUT_MS = 10_000;

/** What a case runs against. */
export interface CaseEnvironment {
  readonly target: ConformanceTarget;
  readonly targetUrl: URL | undefined;
  readonly profile: StoreProfile;
  readonly space: string;
  readonly seed: number;
}

/** Runs one case and resolves to why it failed, or undefined. Never rejects. */
export async function runCase(
  tested: ConformanceCase,
  environment: CaseEnvironment,
): Promise<FailureDetails | undefined> {
  const { target, targetUrl, profile, space, seed } = environment;
  const log = new CallLog();
  const opened: OpenedStore[] = [];
  let spoiled = false;
  const spoil = (operation: (() => Promise<void>) | undefined) =>
    operation && {
      async run() {
        spoiled = true;
        await operation();
      },
    };
  const spaceOf = (neighbour: string) => `${space}-${neighbour}`;

  const context: CaseContext = {
    space,
    targetUrl,
    seed,
    full: profile.supports !== undefined,
    spaceOf,
    previous: async () => (await target.previous?.(space)) ?? [],
    time: () => (profile.takesClock ? virtualTime() : realTime),
    async open({ ttl, time, neighbour } = {}): Promise<CaseStore> {
      const one = await target.open({
        space: neighbour === undefined ? space : spaceOf(neighbour),
        ...(ttl !== undefined && { ttl }),
        ...(time?.clock !== undefined && { clock: time.clock }),
      });
      opened.push(one);
      const store = log.watch(one.store as FullSessionStore, opened.length === 1 ? 'store' : `store${opened.length}`);
      const disconnect = spoil(one.disconnect);
      const breakBackend = spoil(one.break);
      return {
        ...one,
        store,
        ...(disconnect && { disconnect: disconnect.run }),
        ...(breakBackend && { break: breakBackend.run }),
      };
    },
  };

  let failure: FailureDetails | undefined;
  try {
    await within(tested.timeoutMs ?? CASE_TIMEOUT_MS, tested.run(context), 'the case must come to an end');
  } catch (error) {
    failure = detailsOf(error, log);
  }
  const closing = opened.map((one) =>
    within(CLOSE_TIMEOUT_MS, closeOpened(one), 'closing the store must come to an end'),
  );
  for (const outcome of await Promise.allSettled(closing)) {
    if (outcome.status === 'rejected' && !spoiled) failure ??= detailsOf(outcome.reason, log);
  }
  return failure;
}

function detailsOf(error: unknown, log: CallLog): FailureDetails {
  const calls = log.lines;
  if (error instanceof ConformanceFailure) {
    const { message, differences, likelyCause } = error;
    return { what: message, differences, ...(likelyCause !== undefined && { likelyCause }), calls };
  }
  return { what: `what was asked must succeed, and failed with ${describeError(error)}`, differences: [], calls };
}

async function within<T>(limitMs: number, promise: Promise<T>, what: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () =>
        reject(
          new ConformanceFailure(
            `${what} within ${limitMs / 1000} s`,
            [],
            'a promise that nobody settles, or a lock that nobody frees',
          ),
        ),
      limitMs,
    );
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}
