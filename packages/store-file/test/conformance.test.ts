import { rmSync } from 'node:fs';
import { conformance } from '@sess/conformance/vitest';
import { afterAll } from 'vitest';
import { spaces } from './file-store.target.ts';

afterAll(() => rmSync(spaces, { recursive: true, force: true }));
conformance(new URL('./file-store.target.ts', import.meta.url));
