import { conformance } from '@sess/conformance/node-test';

conformance(new URL('./memory-store.target.ts', import.meta.url));
