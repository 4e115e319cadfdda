import type { ConformanceTarget } from '@sess/conformance';
import { memoryStore } from '@sess/core';

const target: ConformanceTarget = {
  name: 'memory-store',
  // Each instance has sessions of its own, so spaces are apart by themselves.
  open: async ({ ttl, clock }) => ({ store: memoryStore({ ttl, clock }) }),
  without: {
    disconnect: 'it keeps everything in this process',
    break: 'it keeps everything in this process',
  },
};
export default target;
