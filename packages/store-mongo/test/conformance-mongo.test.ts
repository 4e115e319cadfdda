import { conformance } from '@sess/conformance/vitest';
import { onServer } from './support/server.ts';

onServer('conformance: mongo', () => conformance(new URL('./mongo.target.ts', import.meta.url)));
