export { applyChange, type WriteContext } from './apply-change.ts';
export { applyWrite, type SavedData, type SessionWrite, type WriteResult } from './apply-write.ts';
export { BaseSessionStore, type BaseStoreOptions } from './base-store.ts';
export {
  type ConflictParts,
  SessError,
  type SessErrorCode,
  type SessErrorDetails,
} from './error.ts';
export { checkId } from './id.ts';
export { toStored } from './json.ts';
export type {
  CustomPart,
  DataPart,
  MediaPart,
  MediaReference,
  MessageData,
  Part,
  ReasoningPart,
  ResourcePart,
  ResourceReference,
  Role,
  TextPart,
  ToolRequest,
  ToolRequestPart,
  ToolResponse,
  ToolResponsePart,
} from './message.ts';
export { type CheckedQuery, infoOf, pageSessions } from './page-sessions.ts';
export { defined, own } from './record.ts';
export { selectMessages } from './select-messages.ts';
export type { OpenTurn, SessionData, SessionInfo, SessionRecord } from './session-data.ts';
export type {
  CommitResult,
  FullSessionStore,
  SessionChange,
  SessionOrder,
  SessionPage,
  SessionQuery,
  SessionRead,
  SessionStore,
  StoreSupports,
  ThreadChange,
} from './session-store.ts';
export {
  isLive,
  isSweepable,
  type LiveSession,
  REMEMBERED_CHANGES,
  type StoredSession,
  TOMBSTONE_MS,
  type Tombstone,
} from './stored-session.ts';
export { sweepEvery } from './sweeper.ts';
