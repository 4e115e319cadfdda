// A reporter for `node --test`: one line of JSON for each test, for `npm test` to count. A test that has subtests, like a
// suite, only groups: it counts through them, and by itself where it fails for a reason of its own.
export default async function* nodeTestResults(events) {
  const files = new Map();
  for await (const { type, data } of events) {
    if (type !== 'test:start' && type !== 'test:pass' && type !== 'test:fail') continue;
    const file = files.get(data.file) ?? { titles: [], groups: [] };
    files.set(data.file, file);
    file.titles.length = data.nesting;
    file.titles.push(data.name);
    if (type === 'test:start') {
      file.groups.length = data.nesting;
      file.groups.push(false);
      if (data.nesting > 0) file.groups[data.nesting - 1] = true;
      continue;
    }

    const grouping = file.groups[data.nesting] || data.details?.type === 'suite';
    const ownFailure = type === 'test:fail' && data.details?.error?.failureType !== 'subtestsFailed';
    if (grouping && !ownFailure) continue;
    const { skip, todo } = data;
    const skipped = (skip !== undefined && skip !== false) || (todo !== undefined && todo !== false);
    const state = skipped ? 'skipped' : type === 'test:pass' ? 'passed' : 'failed';
    const reason = [skip, todo].find((it) => typeof it === 'string' && it !== '');
    yield `${JSON.stringify({ file: data.file, name: file.titles.join(' > '), state, reason })}\n`;
  }
}
