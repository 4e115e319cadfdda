import { conformance } from '@sess/conformance/vitest';
import { onServer } from './support/server.ts';

onServer('conformance: mongo-driver-6', () => conformance(new URL('./mongo-driver-6.target.ts', import.meta.url)));
