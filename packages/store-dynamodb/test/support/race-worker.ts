// A process that races with others on sessions in DynamoDB.

import { serveRounds } from '@sess/store-tests/serve-rounds';
import { openStore } from './open-store.ts';

const { prefix, writer }: { prefix: string; writer: number } = JSON.parse(process.argv[2] ?? '');
serveRounds({ ...openStore({ prefix }), writer });
