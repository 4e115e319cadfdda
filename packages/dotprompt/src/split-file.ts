import { fileError } from './file-error.ts';

/** A piece of a file, and the line of the file that it begins in, from 1 on. */
export interface Section {
  readonly text: string;
  readonly line: number;
}

const OPENING = /^\s*---[ \t]*\r?\n/;
const FRONT_MATTER = /^\s*---[ \t]*\r?\n((?:[^\n]*\n)*?)---[ \t]*(?:\r?\n|$)/;

/** The front matter of a file, empty where there is none, and its template. */
export function splitFile(path: string, text: string): { frontMatter: Section; template: Section } {
  const opening = OPENING.exec(text)?.[0];
  const [whole = '', frontMatter = ''] = FRONT_MATTER.exec(text) ?? [];
  if (opening !== undefined && whole === '') {
    throw fileError(path, lineAt(text, opening.trimEnd().length), 'The front matter is not closed by a line of ---.');
  }
  const start = whole.length + text.slice(whole.length).search(/\S|$/);
  return {
    frontMatter: { text: frontMatter, line: lineAt(text, opening?.length ?? 0) },
    template: { text: text.slice(start).trimEnd(), line: lineAt(text, start) },
  };
}

/** A partial, which is a template alone. */
export function wholeFile(path: string, text: string): Section {
  if (OPENING.test(text)) throw fileError(path, 1, 'A partial has no front matter.');
  return { text, line: 1 };
}

/** The line of a position in a text, from 1 on. */
export function lineAt(text: string, position: number): number {
  return text.slice(0, position).split('\n').length;
}
