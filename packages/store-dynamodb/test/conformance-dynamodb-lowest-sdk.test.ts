import { conformance } from '@sess/conformance/vitest';
import { onDynamodb } from './support/on-dynamodb.ts';

onDynamodb('conformance: dynamodb-lowest-sdk', () =>
  conformance(new URL('./dynamodb-lowest-sdk.target.ts', import.meta.url)),
);
