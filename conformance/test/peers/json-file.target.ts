import { mkdirSync } from 'node:fs';
import { fileTarget } from '../fixtures/file-target.ts';
import { JsonSessionStore } from './json-session-store.ts';

export default fileTarget('json-file', (folder) => {
  mkdirSync(folder, { recursive: true });
  return new JsonSessionStore(folder);
});
