// A reporter for `node --test`: one line of JSON for each test, for `npm test` to count.
export default async function* nodeTestResults(events) {
  for await (const { type, data } of events) {
    if ((type !== 'test:pass' && type !== 'test:fail') || data.details?.type === 'suite') continue;
    const { skip, todo } = data;
    const skipped = (skip !== undefined && skip !== false) || (todo !== undefined && todo !== false);
    const state = skipped ? 'skipped' : type === 'test:pass' ? 'passed' : 'failed';
    const reason = [skip, todo].find((it) => typeof it === 'string' && it !== '');
    yield `${JSON.stringify({ file: data.file, name: data.name, state, reason })}\n`;
  }
}
