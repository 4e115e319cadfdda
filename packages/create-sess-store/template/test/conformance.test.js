import { conformance } from '@sess/conformance/vitest';

conformance(new URL('./my-db.target.js', import.meta.url));
