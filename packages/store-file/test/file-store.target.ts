import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConformanceTarget } from '@sess/conformance';
import { fileStore } from '@sess/store-file';

// Of one run; the processes that the kit forks inherit it.
process.env.SESS_FILE_STORE_SPACES ??= mkdtempSync(join(tmpdir(), 'sess-conformance-file-store-'));
export const spaces: string = process.env.SESS_FILE_STORE_SPACES;

const target: ConformanceTarget = {
  name: 'file-store',
  open: async ({ space, ttl, clock }) => {
    const folder = join(spaces, space);
    const store = fileStore({ folder, ttl, clock });
    return {
      store,
      close: () => store.close(),
      break: async () => {
        for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
          if (path.endsWith('.jsonl')) writeFileSync(join(folder, path), 'garbled');
        }
      },
    };
  },
  without: { disconnect: 'it has no connection' },
};
export default target;
