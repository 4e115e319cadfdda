import { startDocumentdb } from './src/documentdb/documentdb.ts';

const s = await startDocumentdb();
console.log(s.url);
await new Promise((r) => setTimeout(r, 3_600_000 * 2));
