import { conformance } from '@sess/conformance/vitest';
import { onDynamodb } from './support/on-dynamodb.ts';

onDynamodb('conformance: dynamodb', () => conformance(new URL('./dynamodb.target.ts', import.meta.url)));
