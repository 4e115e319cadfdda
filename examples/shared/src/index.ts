export { type ChosenModel, chooseModel } from './choose-model.ts';
export { parseCommandLine, UsageError } from './command-line.ts';
export { explainError } from './explain-error.ts';
export { type ModelChoice, modelOptions, modelUsage, readModelChoice } from './model-options.ts';
export { typedPath } from './typed-path.ts';
