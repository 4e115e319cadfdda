import type { MessageData } from '@sess/core';

/** What a turn has left in its thread, in words: the cells of the tables in docs/durability.md. */
export function keptOf(messages: readonly MessageData[]): string {
  let rounds = 0;
  const kept = messages.flatMap((message, index) => {
    const { end } = (message.metadata?.sess ?? {}) as { end?: string };
    if (message.role === 'user') return 'the question';
    if (message.role === 'tool') return [];
    const asked = message.content.flatMap(({ toolRequest, metadata }) =>
      toolRequest ? { toolRequest, metadata } : [],
    );
    if (asked.length === 0) return end ? `what was said, marked \`${end}\`` : 'the answer';
    rounds += 1;
    const next = messages.slice(index + 1).findIndex(({ role }) => role !== 'tool');
    const answers = messages
      .slice(index + 1, next < 0 ? undefined : index + 1 + next)
      .flatMap(({ content }) => content.flatMap(({ toolResponse }) => toolResponse ?? []));
    const calls = asked.map(({ toolRequest: { name, ref }, metadata }) => {
      const answer = answers.find((response) => response.ref === ref);
      const isError = Object.hasOwn(Object(answer?.output), 'error');
      return `\`${name}\` ${answer ? (isError ? 'with an error' : 'answered') : metadata?.interrupt ? 'waiting' : 'OPEN'}`;
    });
    return `round ${rounds} (${calls.join(', ')})`;
  });
  return kept.length > 0 ? kept.join('; ') : 'nothing';
}

/** A page with one of its tables, between two comments, replaced. */
export function withTable(page: string, name: string, head: readonly string[], rows: readonly string[][]): string {
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  const [begin, end] = [`<!-- ${name}: written by a test -->`, `<!-- end of ${name} -->`];
  const [before, rest] = page.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`The page has no place for the table ${name}.`);
  return `${before}${begin}\n${lines.join('\n')}\n${end}${after}`;
}
