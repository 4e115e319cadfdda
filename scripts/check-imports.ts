// Checks what imports what: stores, kit and integrations import core, never the reverse, and nobody an undeclared package.
import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join, posix } from 'node:path';
import { root } from './bootstrap.mjs';
import { filesBelow, type WorkspacePackage, workspacePackages } from './workspace.ts';

interface Import {
  specifier: string;
  /** A type-only import leaves no trace at run time. */
  typeOnly: boolean;
}

const problems: string[] = [];
let checked = 0;
for (const workspacePackage of workspacePackages()) {
  for (const subfolder of ['src', 'test']) {
    for (const file of filesBelow(workspacePackage.folder, subfolder, /\.m?[jt]s$/)) checkFile(workspacePackage, file);
  }
}
for (const problem of problems) console.error(problem);
if (checked === 0) console.error('No source file was found.');
console.log(`${checked} files, ${problems.length} wrong imports`);
process.exitCode = problems.length > 0 || checked === 0 ? 1 : 0;

function checkFile({ folder, manifest }: WorkspacePackage, file: string): void {
  checked += 1;
  const path = join(root, folder, file);
  const isSource = file.startsWith('src/');
  const isCore = manifest.name === '@sess/core';
  const isStoreEntry = isCore && file.startsWith('src/store/');
  // Only what is built on top of core as a whole sees all of it.
  const needsOnlyTheContract = /^@sess\/(store-|conformance$)/.test(manifest.name);
  const declared = { ...manifest.dependencies, ...manifest.peerDependencies };
  const isPublished = isSource && manifest.private !== true;
  const available = isPublished ? declared : { ...declared, ...manifest.devDependencies };

  for (const { specifier, typeOnly } of importsOf(readFileSync(path, 'utf8'))) {
    const report = (problem: string) => problems.push(`${folder}/${file}: '${specifier}' ${problem}`);

    if (specifier.startsWith('.')) {
      if (isSource && !specifier.endsWith('.ts')) report('must end in .ts');
      const target = posix.join(posix.dirname(file), specifier);
      if (isSource && !target.startsWith('src/')) report('is outside of src');
      if (isStoreEntry && !target.startsWith('src/store/')) report('is outside of src/store, which stands by itself');
      continue;
    }
    if (specifier.startsWith('node:')) {
      if (isStoreEntry) report('is of Node; the store entry runs everywhere');
      continue;
    }
    if (builtinModules.includes(specifier)) {
      report(`must be written node:${specifier}`);
      continue;
    }

    const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
    if (name === manifest.name) {
      if (isSource) report('is this package itself; import the file');
      continue;
    }
    if (isSource && isCore && !typeOnly) report('is a package; core has no runtime dependencies');
    if (isSource && needsOnlyTheContract && name === '@sess/core' && specifier !== '@sess/core/store') {
      report("must be '@sess/core/store', the entry for adapters");
    }
    const isTyped = typeOnly && `@types/${name.replace('@', '').replace('/', '__')}` in available;
    if (!(name in available) && !isTyped) report(`is not declared in ${folder}/package.json`);
  }
}

/** The imports and re-exports of a module. Those in comments (examples) start with ` * ` and are passed over. */
function importsOf(text: string): Import[] {
  const imports: Import[] = [];
  const code = text.replace(/^\s*\/\/.*$/gm, '').replace(/\/\*\*?[\s\S]*?\*\//g, '');
  for (const [, keyword, clause, specifier = ''] of code.matchAll(
    /^[ \t]*(import|export)\b([^'"`;()=]*?)\bfrom\s*['"]([^'"]+)['"]/gm,
  )) {
    imports.push({ specifier, typeOnly: /^\s*type\b/.test(clause ?? '') && keyword !== undefined });
  }
  for (const [, specifier = ''] of code.matchAll(/^[ \t]*import\s*['"]([^'"]+)['"]/gm)) {
    imports.push({ specifier, typeOnly: false });
  }
  for (const [, specifier = ''] of code.matchAll(/\bimport\(\s*['"]([^'"]+)['"]/g)) {
    imports.push({ specifier, typeOnly: false });
  }
  return imports;
}
