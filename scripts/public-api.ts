import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';
import { root } from './bootstrap.mjs';
import type { WorkspacePackage } from './workspace.ts';

/** What `typecheck` is configured with, as far as declarations need it. */
const tsconfig = {
  compilerOptions: {
    module: 'nodenext',
    target: 'es2022',
    lib: ['es2023', 'es2024.string'],
    types: ['node'],
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: true,
  },
};

/** The public API of a package, from its built declarations: a report for each entry, by the name of its file. */
export function publicApi({ folder, manifest }: WorkspacePackage, temporary: string): Map<string, string> {
  const reports = new Map<string, string>();
  for (const [entry, target] of Object.entries(manifest.exports ?? {})) {
    if (typeof target === 'string') continue;
    const name = `${entry === '.' ? 'index' : entry.slice(2).replaceAll('/', '-')}.api.md`;
    reports.set(name, reportOf(join(root, folder), target.types, temporary));
  }
  return reports;
}

function reportOf(projectFolder: string, types: string, temporary: string): string {
  mkdirSync(temporary, { recursive: true });
  const config = ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: join(projectFolder, 'package.json'),
    configObject: {
      projectFolder,
      mainEntryPointFilePath: join(projectFolder, types),
      newlineKind: 'lf',
      compiler: { overrideTsconfig: { ...tsconfig, include: [types] } },
      apiReport: {
        enabled: true,
        includeForgottenExports: true,
        reportFileName: 'report',
        reportFolder: temporary,
        reportTempFolder: join(temporary, 'new'),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        extractorMessageReporting: {
          default: { logLevel: ExtractorLogLevel.Warning, addToApiReportFile: false },
          // The report has these types too: they cannot be imported, but what they allow is part of the API.
          'ae-forgotten-export': { logLevel: ExtractorLogLevel.None },
          // Everything that is exported is public; there are no alphas and betas within a release.
          'ae-missing-release-tag': { logLevel: ExtractorLogLevel.None },
          'ae-unresolved-link': { logLevel: ExtractorLogLevel.None },
        },
        tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
      },
    },
  });
  const { errorCount } = Extractor.invoke(config, {
    localBuild: true,
    messageCallback: (message) => {
      // Its own compiler is older than ours; what it makes of the declarations is what counts here.
      if (message.logLevel !== 'error') message.handled = true;
    },
  });
  if (errorCount > 0) throw new Error(`${projectFolder}: the public API of ${types} cannot be read`);
  return readFileSync(join(temporary, 'report.api.md'), 'utf8');
}
