import { readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConformanceTarget } from '@sess/conformance';
import { fileStore } from '@sess/store-file';

const target: ConformanceTarget = {
  name: 'file-store',
  open: async ({ space, ttl, clock }) => {
    const folder = join(tmpdir(), 'sess-conformance-file-store', space);
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
