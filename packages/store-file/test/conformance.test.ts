import { conformance } from '@sess/conformance/vitest';

conformance(new URL('./file-store.target.ts', import.meta.url));
