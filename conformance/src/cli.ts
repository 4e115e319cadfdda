#!/usr/bin/env node
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { ConformanceRun } from './conformance-run.ts';
import { describeError } from './describe-value.ts';
import { junitOf } from './reports/junit.ts';
import { markdownOf } from './reports/markdown.ts';
import type { ConformanceReport } from './reports/report.ts';
import { summaryOf } from './reports/summary.ts';

const usage = `Usage: sess-conformance TARGET [options]

TARGET is a file that exports a target by default: { name, open({ space, ttl, clock }) }.

  --report FILE     write the report as JSON
  --junit FILE      write it as JUnit XML
  --markdown FILE   write it as Markdown, with a badge line
  --seed NUMBER     repeat what was random
  --filter TEXT     only cases of this clause, of this id, or with this in their id or title
  --help            show this

Exit codes: 0 the store conforms, 1 it does not or not everything was tested, 2 the cases could not be run.`;

const exitCode = await main(process.argv.slice(2));
// A target that leaves something open must not keep the command from ending.
process.stdout.write('', () => process.exit(exitCode));

async function main(args: string[]): Promise<number> {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        report: { type: 'string' },
        junit: { type: 'string' },
        markdown: { type: 'string' },
        seed: { type: 'string' },
        filter: { type: 'string' },
        help: { type: 'boolean' },
      },
    });
    if (values.help) {
      console.log(usage);
      return 0;
    }
    const [file, ...more] = positionals;
    if (file === undefined || more.length > 0) throw new Error(`Name one target file.\n\n${usage}`);

    const report = await runTarget(file, seedOf(values.seed), values.filter);
    if (values.report !== undefined) writeFileSync(values.report, `${JSON.stringify(report, null, 2)}\n`);
    if (values.junit !== undefined) writeFileSync(values.junit, junitOf(report));
    if (values.markdown !== undefined) writeFileSync(values.markdown, markdownOf(report));
    return report.verdict.startsWith('conformant') ? 0 : 1;
  } catch (error) {
    console.error(`The cases could not be run. ${error instanceof Error ? error.message : describeError(error)}`);
    return 2;
  }
}

async function runTarget(
  file: string,
  seed: number | undefined,
  filter: string | undefined,
): Promise<ConformanceReport> {
  const run = await ConformanceRun.start(pathToFileURL(resolve(file)), {
    ...(seed !== undefined && { seed }),
    ...(filter !== undefined && { filter }),
  });
  console.log(`${run.target.name}: ${run.cases.length} cases, seed ${run.seed}`);
  await run.executeAll((result) => {
    if (result.status === 'failed') console.log(`\nFAILED ${run.messageOf(result)}`);
  });
  const report = run.report();
  console.log(`\n${summaryOf(report, run.profile.missing)}`);
  return report;
}

function seedOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seed = Number(text);
  if (!Number.isSafeInteger(seed) || seed < 0) throw new Error('--seed must be a whole number, 0 or more.');
  return seed;
}
