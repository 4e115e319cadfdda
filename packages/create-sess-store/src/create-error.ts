/** Why no package was made. */
export type CreateErrorCode = 'INVALID_USAGE' | 'INVALID_NAME' | 'NOT_EMPTY';

/** What is wrong with what was asked for, in one line for people. */
export class CreateError extends Error {
  readonly code: CreateErrorCode;

  constructor(code: CreateErrorCode, message: string) {
    super(message);
    this.name = 'CreateError';
    this.code = code;
  }
}
