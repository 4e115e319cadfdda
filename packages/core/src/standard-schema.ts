import { SessError, toStored } from './store/index.ts';

/**
 * A schema of any library that follows Standard Schema (zod, valibot, arktype, …).
 *
 * @see https://standardschema.dev
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/**
 * The state as the schema gives it back. Throws INVALID_STATE where it does not fit, with the path of what is wrong,
 * and INVALID_ARGUMENT for a schema that can only answer later.
 */
export function checkState<S>(schema: StandardSchema<unknown, S> | undefined, state: S, sessionId: string): S {
  if (schema === undefined) return state;
  const result = schema['~standard'].validate(state);
  if ('then' in result) {
    result.then(undefined, () => {}); // nobody waits for it
    throw new SessError('INVALID_ARGUMENT', 'The state schema must answer at once, not by a promise.');
  }
  if (result.issues === undefined) return result.value;
  const places = result.issues.map((issue) => placeOf(issue, 'state'));
  throw new SessError(
    'INVALID_STATE',
    `The state of session ${JSON.stringify(sessionId)} does not fit its schema: ${places.join(', ')}.`,
    {
      sessionId,
      cause: result.issues,
    },
  );
}

/**
 * The state as it is stored. Throws as {@link checkState} does, also where the stored form does not fit the schema, as
 * with a Date that comes back as a text; NOT_SERIALIZABLE where there is none.
 */
export function storedState<S>(schema: StandardSchema<unknown, S> | undefined, state: S, sessionId: string): S {
  const stored = toStored(checkState(schema, state, sessionId), 'state');
  checkState(schema, stored, sessionId);
  return stored;
}

/** Where an issue is, in a value of this name: `state.cart.3.price`. */
export function placeOf({ path = [] }: SchemaIssue, root: string): string {
  return [root, ...path.map((step) => String(typeof step === 'object' ? step.key : step))].join('.');
}
