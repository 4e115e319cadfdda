// Run by disk.test.ts under a limit on file sizes: appends until it fails, and prints what happened.
import { fileStore } from '@sess/store-file';
import { append, message } from '@sess/store-tests/session';

process.on('SIGXFSZ', () => {}); // the call then fails with EFBIG instead
const [folder] = process.argv.slice(2) as [string];
const store = fileStore({ folder, sweepIntervalMs: false });
const acknowledged: string[] = [];
try {
  for (;;) {
    const text = `m${acknowledged.length}`;
    await append(store, 'a', [message(text, 3000)]);
    acknowledged.push(text);
  }
} catch (error) {
  const { code, sessionId, outcome } = error as { code: string; sessionId: string; outcome?: string };
  console.log(JSON.stringify({ acknowledged, error: { code, sessionId, outcome } }));
}
