import type { ConformanceCase } from '../conformance-case.ts';
import { closeCases } from './close-cases.ts';
import { commitCases } from './commit-cases.ts';
import { conditionCases } from './condition-cases.ts';
import { deleteCases } from './delete-cases.ts';
import { errorCases } from './error-cases.ts';
import { expiryCases } from './expiry-cases.ts';
import { getCases } from './get-cases.ts';
import { historyCases } from './history-cases.ts';
import { holdCases } from './hold-cases.ts';
import { idCases } from './id-cases.ts';
import { jsonCases } from './json-cases.ts';
import { listCases } from './list-cases.ts';
import { modelCases } from './model-cases.ts';
import { ownerCases } from './owner-cases.ts';
import { processCases } from './process-cases.ts';
import { raceCases } from './race-cases.ts';
import { retryCases } from './retry-cases.ts';
import { saveCases } from './save-cases.ts';
import { sizeCases } from './size-cases.ts';
import { supportsCases } from './supports-cases.ts';

const inOrderOfTheSpecification: readonly ConformanceCase[] = [
  ...supportsCases,
  ...getCases,
  ...saveCases,
  ...commitCases,
  ...conditionCases,
  ...ownerCases,
  ...retryCases,
  ...holdCases,
  ...expiryCases,
  ...deleteCases,
  ...listCases,
  ...idCases,
  ...jsonCases,
  ...sizeCases,
  ...closeCases,
  ...errorCases,
  ...modelCases,
  ...raceCases,
  ...historyCases,
  ...processCases,
];

const place = { nothing: 0, roots: 1, examples: 2 };

/** All cases, in the order in which they have to run: first those that others build on. */
export const cases: readonly ConformanceCase[] = inOrderOfTheSpecification.toSorted(
  (a, b) => place[a.after ?? 'roots'] - place[b.after ?? 'roots'],
);
