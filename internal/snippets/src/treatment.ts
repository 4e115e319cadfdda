/** What the tests do with a block. */
export type Treatment =
  /** It is type-checked where it is TypeScript, and run. */
  | 'run'
  /** It is type-checked only: running it would need a server or a key. */
  | 'check'
  /** It shows signatures, not a program: only its syntax is checked. */
  | 'signature'
  /** Its commands are run, or at least known. */
  | 'shell'
  /** It is what the block before it prints. */
  | 'output'
  | 'json'
  | 'nothing';

const treatments: Readonly<Record<string, Treatment>> = {
  ts: 'run',
  js: 'run',
  'ts no-run': 'check',
  'ts signature': 'signature',
  sh: 'shell',
  'text output': 'output',
  json: 'json',
  text: 'nothing',
  jsonl: 'nothing',
  yaml: 'nothing',
  diff: 'nothing',
  mermaid: 'nothing',
  hcl: 'nothing',
};

/** What the info string of a block (the words behind the opening fence) asks for; undefined where it is unknown. */
export function treatmentOf(info: string): Treatment | undefined {
  return Object.hasOwn(treatments, info) ? treatments[info] : undefined;
}

export function knownInfoStrings(): string[] {
  return Object.keys(treatments);
}
