export { loadPrompts } from './load-prompts.ts';
export { Prompts } from './prompts.ts';
