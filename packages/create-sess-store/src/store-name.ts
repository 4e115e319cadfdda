import { isBuiltin } from 'node:module';
import { CreateError } from './create-error.ts';

/** What the parts of a package are called. */
export interface StoreName {
  /** `@me/store-my-db` */
  readonly packageName: string;
  /** `store-my-db` */
  readonly folder: string;
  /** In the names of files, without what every store's name has: `my-db`. */
  readonly kebab: string;
  /** In the names of classes: `MyDb`. */
  readonly pascal: string;
}

/** What npm takes and what can begin the name of a class. */
const allowed = /^(?:@[a-z0-9][a-z0-9._-]*\/)?([a-z](?:[a-z0-9._-]*[a-z0-9])?)$/;
/** npm refuses longer ones. */
const MAX_LENGTH = 214;

/** The names that follow from that of the package. Throws INVALID_NAME for one that npm would refuse. */
export function storeName(packageName: string): StoreName {
  const folder = allowed.exec(packageName)?.[1];
  const isReserved = packageName === 'node_modules' || packageName === 'favicon.ico' || isBuiltin(packageName);
  if (folder === undefined || isReserved || packageName.length > MAX_LENGTH) {
    const rule = isReserved
      ? 'the name is taken by Node or npm'
      : `at most ${MAX_LENGTH} lowercase letters, digits, "-", "." and "_", from a letter to a letter or digit`;
    throw new CreateError('INVALID_NAME', `${JSON.stringify(packageName)} cannot name a package: ${rule}.`);
  }
  const words = folder.replace(/^(?:sess-)?(?:store-)?(?=[a-z])|-store$/g, '').split(/[._-]+/);
  return { packageName, folder, kebab: words.join('-'), pascal: words.map(capitalized).join('') };
}

function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
