#!/usr/bin/env node
import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { CreateError } from './create-error.ts';
import { createStore } from './create-store.ts';
import { ranges, version } from './release.ts';
import { storeName } from './store-name.ts';

const usage = `Usage: npm create sess-store NAME

Makes the package of a new session store for @sess/core, in a folder of its own below this one. NAME is the package's
name, such as my-db or @me/store-my-db. Without one, and in a terminal, you are asked.

  --help       show this (npm create sess-store -- --help)
  --version    show the version

Exit codes: 0 the package is there, 1 it could not be made, 2 the name or the command is wrong.`;

process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<number> {
  try {
    const { values, positionals } = parse(args);
    if (values.help === true || values.version === true) {
      console.log(values.help === true ? usage : version);
      return 0;
    }
    const [given, ...more] = positionals;
    if (more.length > 0) throw new CreateError('INVALID_USAGE', `One name, please, and not ${positionals.length}.`);
    const name = storeName(given ?? (await ask()));
    const files = createStore(name, process.cwd(), ranges);
    console.log(
      `${name.packageName}: ${files.length} files in ${name.folder}\n${files.map((it) => `  ${it}`).join('\n')}`,
    );
    console.log(`\nNext:\n  cd ${name.folder}\n  npm install\n  npm test    tells what is still to be written`);
    return 0;
  } catch (error) {
    const { code = 'FAILED', message } = error as Error & { code?: string };
    console.error(`${code}: ${message}`);
    return error instanceof CreateError && error.code !== 'NOT_EMPTY' ? 2 : 1;
  }
}

function parse(args: string[]): { values: { help?: boolean; version?: boolean }; positionals: string[] } {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: { help: { type: 'boolean' }, version: { type: 'boolean' } },
    });
  } catch (error) {
    throw new CreateError('INVALID_USAGE', `${(error as Error).message.split('.', 1)[0]}. See --help.`);
  }
}

async function ask(): Promise<string> {
  if (!process.stdin.isTTY) throw new CreateError('INVALID_USAGE', 'Name the package: npm create sess-store my-db');
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const refuse = () => {
    throw new CreateError('INVALID_USAGE', 'No name was given.');
  };
  try {
    // Where the input ends, some versions of Node reject, and others leave the question open for ever.
    const ended = once(terminal, 'close').then(refuse);
    const answer = await Promise.race([terminal.question('Name of the package: ').catch(refuse), ended]);
    return answer.trim();
  } finally {
    terminal.close();
  }
}
