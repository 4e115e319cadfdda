import { readFileSync } from 'node:fs';

/** A numbered sentence of SPEC.md. */
export interface Clause {
  /** `GET-3` */
  readonly id: string;
  readonly level: 'MUST' | 'SHOULD';
  /** The sentence, in Markdown. */
  readonly text: string;
}

/** The text of SPEC.md, which is shipped with the kit: the clauses have no other source. */
export const specification: string = readFileSync(new URL('../SPEC.md', import.meta.url), 'utf8');

/** All clauses, in the order of SPEC.md. */
export const clauses: readonly Clause[] = [...specification.matchAll(/^- \*\*([A-Z]+-\d+)\*\* (.+)$/gm)].map(
  ([, id = '', text = '']) => ({ id, level: /\bMUST\b/.test(text) ? 'MUST' : 'SHOULD', text }),
);

/** The titles of the sections, by what the numbers of their clauses begin with: `GET` is about reading. */
export const sectionTitles: ReadonlyMap<string, string> = new Map(
  [...specification.matchAll(/^## (.+?): (.+)$/gm)].flatMap(([, prefixes = '', title = '']) =>
    prefixes.split(' and ').map((prefix): [string, string] => [prefix, title]),
  ),
);

/** The clause of that number. Throws where SPEC.md has none. */
export function clauseOf(id: string): Clause {
  const clause = clauses.find((it) => it.id === id);
  if (clause === undefined) throw new Error(`SPEC.md has no clause ${id}.`);
  return clause;
}
