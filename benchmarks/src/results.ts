import type { BudgetResult } from './budgets.ts';
import type { Backend } from './contender.ts';
import type { CommitRow } from './workloads/commit.ts';
import type { CrashRow } from './workloads/crash.ts';
import type { FanRow } from './workloads/fan.ts';
import type { GrowRow } from './workloads/grow.ts';
import type { ListRow } from './workloads/list.ts';
import type { RaceRow } from './workloads/race.ts';
import type { TailRow } from './workloads/tail.ts';

/** What results.json holds. */
export interface Results {
  readonly machine: Machine;
  readonly contenders: readonly ContenderFacts[];
  readonly backends: readonly BackendResults[];
  readonly budgets: readonly BudgetResult[];
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly system: string;
  readonly node: string;
}

/** Who was measured, in which way, or why not. */
export interface ContenderFacts {
  readonly backend: Backend;
  readonly name: string;
  /** With their versions. */
  readonly packages: readonly string[];
  readonly how?: string;
  readonly notes?: readonly string[];
  readonly reason?: string;
}

export interface BackendResults {
  readonly backend: Backend;
  /** Name and version; or why there is none. */
  readonly server: string;
  readonly durability: string;
  readonly grow?: readonly GrowRow[];
  readonly fan?: readonly FanRow[];
  readonly tail?: readonly TailRow[];
  readonly list?: readonly ListRow[];
  readonly race?: readonly RaceRow[];
  readonly crash?: readonly CrashRow[];
  readonly commit?: readonly CommitRow[];
}
