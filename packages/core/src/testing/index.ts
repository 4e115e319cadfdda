export { type DemoModelOptions, demoModel } from './demo-model.ts';
export { type ScriptAnswer, type ScriptEntry, type ScriptedModel, scriptedModel } from './scripted-model.ts';
