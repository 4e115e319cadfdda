import { relative } from 'node:path';
import type { Options } from './options.ts';

/** The command that starts this program again, with a session: as it was started, through npm or not. */
export function startCommand(sessionId: string, { folderArgument, modelArgument, baseUrl }: Options): string {
  const { npm_lifecycle_event: script, npm_command: npmCommand } = process.env;
  const throughNpm = script === 'start' && npmCommand !== undefined;
  const program = throughNpm ? 'npm start --' : `node ${shellQuote(relative(process.cwd(), process.argv[1] ?? ''))}`;
  const given = Object.entries({ folder: folderArgument, model: modelArgument, 'base-url': baseUrl });
  const options = given.flatMap(([name, value]) => (value === undefined ? [] : [optionWith(name, value)]));
  return [program, ...options, optionWith('session', sessionId)].join(' ');
}

function optionWith(name: string, value: string): string {
  // What begins with a dash would be taken for another option.
  return value.startsWith('-') ? `--${name}=${shellQuote(value)}` : `--${name} ${shellQuote(value)}`;
}

/** A word as a shell takes it. */
function shellQuote(word: string): string {
  return /^[\w./:@-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
