import { mkdirSync } from 'node:fs';
import { fileTarget } from '../fixtures/file-target.ts';
import { CorrectedJsonSessionStore } from './corrected-json-session-store.ts';

export default fileTarget('corrected-json-file', (folder) => {
  mkdirSync(folder, { recursive: true });
  return new CorrectedJsonSessionStore(folder);
});
