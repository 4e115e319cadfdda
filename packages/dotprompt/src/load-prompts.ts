import { fileURLToPath } from 'node:url';
import type { Sess } from '@sess/core';
import { inFile } from './file-error.ts';
import { type PromptFile, promptOptions, readPrompt } from './prompt-file.ts';
import { Prompts } from './prompts.ts';
import { readFolder } from './read-folder.ts';
import { wholeFile } from './split-file.ts';
import { checkTemplate, inlinePartials, parseTemplate, type Template } from './template.ts';

/**
 * Defines the prompts of a folder with `ai`: each `NAME.prompt`, in folders of it too. `_NAME.prompt` is a partial.
 * The files are read once, now. Tools that they name must be defined before.
 *
 * Rejects with INVALID_ARGUMENT, naming file and line, where something in the folder is wrong.
 *
 * @example
 * ```ts
 * import { mkdir, writeFile } from 'node:fs/promises';
 * import { sess } from '@sess/core';
 * import { demoModel } from '@sess/core/testing';
 * import { loadPrompts } from '@sess/dotprompt';
 *
 * await mkdir('prompts');
 * await writeFile('prompts/greeter.prompt', '{{role "system"}}Greet {{@state.userName}}.');
 *
 * const ai = sess({ model: demoModel() });
 * const prompts = await loadPrompts(ai, 'prompts');
 * const session = ai.createSession({ initialState: { userName: 'Pavel' } });
 * await session.chat(prompts.get('greeter')).send('Hello!');
 * ```
 */
export async function loadPrompts<S>(ai: Sess<S>, folder: string | URL): Promise<Prompts> {
  const files = await readFolder(folder instanceof URL ? fileURLToPath(folder) : folder);
  const prompts = files.filter(({ isPartial }) => !isPartial).map(readPrompt);
  const partials = new Map(
    files
      .filter(({ isPartial }) => isPartial)
      .map(({ name, path, text }) => [name, parseTemplate(path, wholeFile(path, text))]),
  );
  checkTemplates(prompts, partials);
  checkNames(ai, prompts);

  const all = await Promise.all(prompts.map(async (file) => ({ file, options: await promptOptions(file, partials) })));
  return new Prompts(all.map(({ file, options }) => inFile(file.template.path, 1, () => ai.definePrompt(options))));
}

function checkTemplates(prompts: readonly PromptFile[], partials: ReadonlyMap<string, Template>): void {
  const templates = prompts.map(({ template }) => template);
  const inline = [...templates, ...partials.values()].flatMap(inlinePartials);
  const names = new Set([...partials.keys(), ...inline, '@partial-block']);
  for (const template of templates) checkTemplate(template, names, false);
  for (const partial of partials.values()) checkTemplate(partial, names, true);
}

/** Whether the models and tools are there. Prompts may name each other, in any order, to hand conversations over. */
function checkNames<S>({ registry }: Sess<S>, prompts: readonly PromptFile[]): void {
  const names = new Set(prompts.map(({ name }) => name));
  for (const { template, values, lineOf } of prompts) {
    const { model, tools = [] } = values;
    if (model !== undefined) inFile(template.path, lineOf(['model']), () => registry.model(model));
    for (const [index, tool] of tools.entries()) {
      if (!names.has(tool)) inFile(template.path, lineOf(['tools', `${index}`]), () => registry.tools([tool]));
    }
  }
}
