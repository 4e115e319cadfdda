import { commitSaboteurs } from './commit-saboteurs.ts';
import { contentSaboteurs, idSaboteurs } from './content-saboteurs.ts';
import { lifeSaboteurs, listSaboteurs } from './life-saboteurs.ts';
import { readSaboteurs } from './read-saboteurs.ts';
import type { Saboteur } from './saboteur.ts';
import { saveSaboteurs } from './save-saboteurs.ts';
import { turnSaboteurs } from './turn-saboteurs.ts';
import { raceSaboteurs, useSaboteurs } from './use-saboteurs.ts';

/** All saboteurs within one process. */
export const saboteurs: readonly Saboteur[] = [
  ...readSaboteurs,
  ...saveSaboteurs,
  ...commitSaboteurs,
  ...turnSaboteurs,
  ...lifeSaboteurs,
  ...listSaboteurs,
  ...idSaboteurs,
  ...contentSaboteurs,
  ...raceSaboteurs,
  ...useSaboteurs,
];
