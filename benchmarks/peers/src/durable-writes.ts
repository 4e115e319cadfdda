/** For MongoDB: acknowledged by a majority, and on disk. What the peers' own options take. */
export const durableWrites = { w: 'majority', journal: true } as const;
