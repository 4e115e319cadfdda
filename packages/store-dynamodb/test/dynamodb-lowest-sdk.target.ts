import * as modules from 'node:module';
import * as lowest from 'client-dynamodb-lowest';
import sdk from 'client-dynamodb-lowest/package.json' with { type: 'json' };

/** Of Node 22.15 and later; the types are those of Node 20. */
interface ModuleHooks {
  registerHooks(hooks: {
    resolve(specifier: string, context: object, next: (specifier: string, context: object) => unknown): unknown;
  }): void;
}

const SDK = '@aws-sdk/client-dynamodb';

// The store itself imports the SDK: whoever does so from here on gets the lowest version that is supported. Vitest
// resolves specifiers by itself, so that the hook meets the file there.
const { resolve } = modules.createRequire(import.meta.url);
const current = [SDK, resolve(SDK)];
(modules as unknown as ModuleHooks).registerHooks({
  resolve(specifier, context, next) {
    return next(current.includes(specifier) ? resolve('client-dynamodb-lowest') : specifier, context);
  },
});
const { DynamoDBClient } = await import('@aws-sdk/client-dynamodb');
if (DynamoDBClient !== (lowest.DynamoDBClient as unknown))
  throw new Error(`it is not version ${sdk.version} that is tested`);
const { conformanceTarget } = await import('./support/conformance-target.ts');

export default conformanceTarget('dynamodb-lowest-sdk', sdk.version);
