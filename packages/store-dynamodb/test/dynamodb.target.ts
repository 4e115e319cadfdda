import sdk from '@aws-sdk/client-dynamodb/package.json' with { type: 'json' };
import { conformanceTarget } from './support/conformance-target.ts';

export default conformanceTarget('dynamodb', sdk.version);
