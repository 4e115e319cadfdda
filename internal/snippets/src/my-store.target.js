import { memoryStore } from '@sess/core';

const inMemory = 'it keeps everything in this process';

export default {
  name: 'my-store',
  open: async ({ ttl, clock }) => ({ store: memoryStore({ ttl, clock }) }),
  without: { disconnect: inMemory, break: inMemory },
};
