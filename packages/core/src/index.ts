export { fullStore } from './full-store.ts';
export { MemoryStore, type MemoryStoreOptions, memoryStore } from './memory-store.ts';
export type { FinishReason, Model, ModelChunk, ModelRequest, ModelResponse, ToolDefinition, Usage } from './model.ts';
export * from './store/index.ts';
