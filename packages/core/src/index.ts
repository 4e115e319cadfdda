export { Chat } from './chat.ts';
export type { MessageInput } from './chat-messages.ts';
export type {
  ChatOptions,
  PromptChatOptions,
  SendInput,
  SendOptions,
  SystemFunction,
  TurnOptions,
} from './chat-options.ts';
export { type ChatChunk, ChatResponse, textOf } from './chat-response.ts';
export { fullStore } from './full-store.ts';
export type { InterruptAnswer } from './interrupt-answers.ts';
export { MemoryStore, type MemoryStoreOptions, memoryStore } from './memory-store.ts';
export type { FinishReason, Model, ModelChunk, ModelRequest, ModelResponse, ToolDefinition, Usage } from './model.ts';
export type { OpenTurnInfo } from './open-turn.ts';
export type { PreambleOptions } from './preamble.ts';
export { Prompt, type PromptContext, type PromptOptions } from './prompt.ts';
export type { DescribedSchema, JsonSchema, Schema, SelfDescribingSchema } from './schema.ts';
export { Sess, sess } from './sess.ts';
export type { CreateSessionOptions, LoadSessionOptions, SessOptions } from './sess-options.ts';
export { MAIN_THREAD, Session } from './session.ts';
export { type ListOptions, type OwnerOption, Sessions } from './sessions.ts';
export type { StandardSchema } from './standard-schema.ts';
export * from './store/index.ts';
export type { OutputOptions } from './structured-output.ts';
export { type InterruptOptions, Tool, type ToolContext, type ToolFunction, type ToolOptions } from './tool.ts';
export { Turn } from './turn.ts';
