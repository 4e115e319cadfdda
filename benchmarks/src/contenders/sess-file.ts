import { join } from 'node:path';
import { fileStore } from '@sess/store-file';
import type { Contender } from '../contender.ts';
import { openSess } from './open-sess.ts';

export const sessOnFiles: Contender = {
  name: 'sess',
  kind: 'sess',
  backend: 'file',
  packages: ['@sess/core', '@sess/store-file'],
  how: 'Opens the store anew for each request, which therefore reads the journal from its last checkpoint on; window 20.',
  async open({ url, namespace, fsync }) {
    const folder = join(url, namespace);
    return openSess({
      openStore: () => fileStore({ folder, fsync: fsync ? 'always' : 'never', sweepIntervalMs: false }),
      isCold: true,
      close: async () => {},
    });
  },
};
