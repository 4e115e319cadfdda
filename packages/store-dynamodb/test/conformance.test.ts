import { conformance } from '@sess/conformance/vitest';

conformance(new URL('./dynamodb-store.target.ts', import.meta.url));
