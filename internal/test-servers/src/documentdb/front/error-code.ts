/** The SQL states by which DocumentDB tells of MongoDB's errors, as far as a driver acts on them. */
const codes: Readonly<Record<string, number>> = {
  M0001: 2, // BadValue
  M0003: 9, // FailedToParse
  M0004: 14, // TypeMismatch
  M0008: 26, // NamespaceNotFound
  M000D: 40, // ConflictingUpdateOperators
  M000E: 43, // CursorNotFound
  M000M: 66, // ImmutableField
  M000R: 85, // IndexOptionsConflict
  M000S: 86, // IndexKeySpecsConflict
  M001C: 11000, // DuplicateKey
  M003A: 17419, // a document that an update makes too large
  M003B: 17420, // a document that is too large
  '23505': 11000,
  '40001': 112, // WriteConflict
  '40P01': 112,
  '57014': 50, // MaxTimeMSExpired
};
const UNKNOWN = 8;

/** An error that the front itself raises, with MongoDB's code for it. */
export class CommandError extends Error {
  readonly mongoCode: number;

  constructor(mongoCode: number, message: string) {
    super(message);
    this.mongoCode = mongoCode;
  }
}

/** MongoDB's code of an error that a command ended with. */
export function mongoCodeOf(error: unknown): number {
  if (error instanceof CommandError) return error.mongoCode;
  return codes[String((error as { code?: unknown }).code)] ?? UNKNOWN;
}

/** Whether PostgreSQL is gone, so that the driver should see a lost connection instead of an answer. */
export function isLostConnection(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code !== 'string' || /^(08|57P0|53300)/.test(code) || /^E[A-Z]+$/.test(code);
}

/** Errors of single writes carry the SQL state as a packed number: six bits a character. */
export function unpackCode(code: number): number {
  if (code < 1e6) return code;
  const state = Array.from({ length: 5 }, (_, index) => String.fromCharCode(((code >> (6 * index)) & 63) + 48));
  return codes[state.join('')] ?? UNKNOWN;
}
