import type { WriteConcernSettings } from 'mongodb';

/** What all of ours share: acknowledged by the majority, and in the journal. */
export const WRITE_CONCERN: WriteConcernSettings = { w: 'majority', journal: true };
export const DATABASE = 'benchmarks';
