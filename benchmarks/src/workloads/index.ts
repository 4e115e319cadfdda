import type { WorkloadName } from '../options.ts';
import { commit } from './commit.ts';
import { crash } from './crash.ts';
import { fan } from './fan.ts';
import { grow } from './grow.ts';
import { list } from './list.ts';
import { race } from './race.ts';
import { tail } from './tail.ts';

export const workloads = { grow, fan, tail, list, race, crash, commit } satisfies Record<WorkloadName, unknown>;
