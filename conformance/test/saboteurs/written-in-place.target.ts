import { open } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { fileTarget } from '../fixtures/file-target.ts';
import { LockedFileStore } from '../fixtures/locked-file-store.ts';

/** Overwrites the file, which for a moment holds half of the session. */
class InPlaceStore extends LockedFileStore {
  protected override async replace(path: string, text: string): Promise<void> {
    const file = await open(path, 'w');
    try {
      const bytes = Buffer.from(text);
      const half = bytes.length >> 1;
      await file.write(bytes.subarray(0, half));
      // As long as a large write takes. Small sessions are written at once.
      if (bytes.length > 10_000 && bytes.length < 2_000_000) await setTimeout(10);
      await file.write(bytes.subarray(half));
    } finally {
      await file.close();
    }
  }
}

export default fileTarget('written in place', (folder, options) => new InPlaceStore(folder, options));
