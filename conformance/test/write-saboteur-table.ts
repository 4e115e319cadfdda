// Writes the published table of saboteurs anew.
import { mkdirSync, writeFileSync } from 'node:fs';
import { saboteurTable, tableFile } from './saboteur-table.ts';

mkdirSync(new URL('.', tableFile), { recursive: true });
writeFileSync(tableFile, saboteurTable());
