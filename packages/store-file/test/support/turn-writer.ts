// Forked by processes.test.ts: appends messages to one thread, each once, whoever comes in between.
import { once } from 'node:events';
import { fileStore } from '@sess/store-file';
import { append, message } from '@sess/store-tests/session';

const [folder, name, thread, count, ahead] = process.argv.slice(2) as [string, string, string, string, string];
const store = fileStore({ folder, sweepIntervalMs: false, clock: () => Date.now() + Number(ahead) });
process.send?.('ready');
await once(process, 'message');
for (let turn = 0; turn < Number(count); turn++) {
  await append(store, 'shared', [message(`${name}.${turn} question`), message(`${name}.${turn} answer`)], thread);
}
await store.close();
process.disconnect();
