import { notRunStatuses } from '../case-result.ts';
import type { ConformanceReport } from './report.ts';

/** The report in the XML of JUnit, as most build servers read it. */
export function junitOf({ target, cases, versions, server, seed, verdict, durationMs }: ConformanceReport): string {
  const properties = {
    verdict,
    seed,
    kit: versions.kit,
    contract: versions.contract,
    adapter: versions.adapter && `${versions.adapter.name} ${versions.adapter.version}`,
    driver: versions.driver && `${versions.driver.name} ${versions.driver.version}`,
    server: server && `${server.name} ${server.version}`,
    node: versions.node,
  };
  const skipped = cases.notRun.length + cases.waived;
  const lines = cases.results.map(({ id, clause, title, status, reason = '', failure, durationMs: took }) => {
    const start = `    <testcase classname="${escapeXml(`${target}.${clause}`)}" name="${escapeXml(`${id} ${title}`)}" time="${took / 1000}"`;
    if (status === 'failed' && failure !== undefined) {
      const text = [...failure.differences, ...failure.calls].join('\n');
      return `${start}><failure message="${escapeXml(failure.what)}">${escapeXml(text)}</failure></testcase>`;
    }
    const skip = status === 'waived' ? `waived: ${reason}` : reason;
    const isSkipped = status === 'waived' || notRunStatuses.includes(status);
    return isSkipped ? `${start}><skipped message="${escapeXml(skip)}"/></testcase>` : `${start}/>`;
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites>',
    `  <testsuite name="${escapeXml(`conformance: ${target}`)}" tests="${cases.results.length}" failures="${cases.failed}" skipped="${skipped}" time="${durationMs / 1000}">`,
    '    <properties>',
    ...Object.entries(properties).flatMap(([name, value]) =>
      value === null ? [] : `      <property name="${name}" value="${escapeXml(String(value))}"/>`,
    ),
    '    </properties>',
    ...lines,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function escapeXml(text: string): string {
  const names: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\n': '&#10;' };
  // What XML 1.0 cannot hold at all is shown as a replacement character.
  return text
    .toWellFormed()
    .replace(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/[&<>"\n]/g, (character) => names[character] ?? character);
}
