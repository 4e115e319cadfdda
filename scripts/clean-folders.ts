import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileNameIn } from '../internal/snippets/src/code-block.ts';
import { markdownBlocks } from '../internal/snippets/src/markdown-blocks.ts';
import { quietly, root } from './bootstrap.mjs';
import { Trials } from './trials.ts';

export interface InstallOptions {
  manager?: 'npm' | 'pnpm';
  /** A document of the repository whose named code blocks are written into the folder. */
  document?: string;
}

/** Clean folders outside of the repository, in which packages are installed and tried as their users would. */
export class CleanFolders {
  readonly parent: string;
  readonly trials: Trials;
  readonly npmrc: string | undefined;
  readonly env: NodeJS.ProcessEnv;

  /** `npmrc` goes into every folder; `env` is added to that of every command. */
  constructor(parent: string, trials = new Trials(), npmrc?: string, env: NodeJS.ProcessEnv = {}) {
    this.parent = parent;
    this.trials = trials;
    this.npmrc = npmrc;
    this.env = { ...process.env, ...env };
  }

  /** Makes a folder and installs the packages in it. Resolves to its path. */
  async install(name: string, packages: readonly string[], options: InstallOptions = {}): Promise<string> {
    const { manager = 'npm', document } = options;
    const folder = join(this.parent, name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, private: true, type: 'module' }));
    if (this.npmrc !== undefined) writeFileSync(join(folder, '.npmrc'), this.npmrc);
    const command =
      manager === 'npm'
        ? ['npm', 'install', '--no-audit', '--no-fund', '--loglevel=error', '--prefer-offline', ...packages]
        : ['pnpm', 'add', '--prefer-offline', ...packages];
    await this.run(folder, command, { shown: `${manager} installs` });

    for (const block of document === undefined ? [] : markdownBlocks(readFileSync(join(root, document), 'utf8'))) {
      const file = fileNameIn(block);
      if (file !== undefined) writeFileSync(join(folder, file), block.code);
    }
    return folder;
  }

  /** Runs a command in a folder. `shown` is what the table says instead of the command. */
  async run(folder: string, command: readonly string[], { shown }: { shown?: string } = {}): Promise<void> {
    const [file = '', ...args] = command;
    await this.trials.run(folder.slice(this.parent.length + 1), shown ?? command.join(' '), async () => {
      return (await quietly(file, args, this.env, folder)) === 0;
    });
  }
}
