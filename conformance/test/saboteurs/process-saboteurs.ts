/** A saboteur that only other processes find out: a target file, since the kit forks processes that load it. */
export interface ProcessSaboteur {
  readonly name: string;
  readonly defect: string;
  readonly fails: readonly string[];
  readonly target: URL;
}

export const processSaboteurs: readonly ProcessSaboteur[] = [
  {
    name: 'no lock',
    defect: 'writers of other processes are not locked out',
    fails: ['RACE-8'],
    target: new URL('./no-lock.target.ts', import.meta.url),
  },
  {
    name: 'written in place',
    defect: 'a file is overwritten in place, so that a kill leaves half of it',
    fails: ['RACE-9'],
    target: new URL('./written-in-place.target.ts', import.meta.url),
  },
];
