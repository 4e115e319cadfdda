import { conformance } from '@sess/conformance/vitest';

conformance(new URL('./memory-store.target.ts', import.meta.url));
