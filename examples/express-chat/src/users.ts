import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';

/** Who may sign in: the hash of the password, by the name of the user. */
export type Users = ReadonlyMap<string, string>;

const derive = promisify<string, Buffer, number, Buffer>(scrypt);
const KEY_BYTES = 32;

/** Users for trying things out. */
export async function demoUsers(): Promise<Users> {
  return new Map([
    ['ada', await hashPassword('demo')],
    ['grace', await hashPassword('demo')],
  ]);
}

/** The users of a JSON file, which `addUser` writes. */
export function readUsers(file: string): Users {
  return new Map(Object.entries(JSON.parse(readFileSync(file, 'utf8'))));
}

export async function addUser(file: string, name: string, password: string): Promise<void> {
  const users = new Map(existsSync(file) ? readUsers(file) : []);
  users.set(name, await hashPassword(password));
  writeFileSync(file, `${JSON.stringify(Object.fromEntries(users), null, 2)}\n`, { mode: 0o600 });
}

/** Whether it is the password of that user. Takes as long for a user that there is not. */
export async function isPassword(users: Users, name: string, password: string): Promise<boolean> {
  const [salt = '', key = ''] = (users.get(name) ?? '').split('.');
  const derived = await derive(password, Buffer.from(salt, 'base64url'), KEY_BYTES);
  const expected = Buffer.from(key, 'base64url');
  return expected.length === KEY_BYTES && timingSafeEqual(expected, derived);
}

/** The salt and the derived key; never the password. */
async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  return `${salt.toString('base64url')}.${(await derive(password, salt, KEY_BYTES)).toString('base64url')}`;
}
