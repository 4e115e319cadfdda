import type { BudgetResult } from '../budgets.ts';
import { formatCount } from './format.ts';
import type { Table } from './table.ts';

export function budgetTable(budgets: readonly BudgetResult[]): Table {
  return {
    columns: ['budget', 'store', 'measured', 'limit', 'holds'],
    rows: budgets.map(({ title, backend, value, limit, isAtLeast, isCount, holds }) => [
      title,
      backend,
      formatCount(value),
      `${isAtLeast ? 'at least' : 'at most'} ${formatCount(limit)}`,
      holds ? 'yes' : isCount ? 'NO' : 'no (timed)',
    ]),
  };
}
