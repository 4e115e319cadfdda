/** Who a message comes from. */
export type Role = 'system' | 'user' | 'model' | 'tool';

/** Something shown or heard: an image, a sound, a document. `url` may be a `data:` URL. */
export interface MediaReference {
  url: string;
  contentType?: string | undefined;
}

/** A model's wish to have a tool called. `ref` pairs it with its response; core gives every stored request one. */
export interface ToolRequest {
  name: string;
  ref?: string | undefined;
  input?: unknown;
  partial?: boolean | undefined;
}

/** What a tool answered to the request of the same `ref`. */
export interface ToolResponse {
  name: string;
  ref?: string | undefined;
  output?: unknown;
  content?: Part[];
}

/** A pointer to something kept elsewhere. */
export interface ResourceReference {
  uri: string;
}

/**
 * What all kinds of parts have in common. Each kind declares the others' fields as absent, so that `part.text` can be
 * probed on any part; `data` and `custom` may accompany any of them.
 */
interface AnyPart {
  text?: undefined;
  media?: undefined;
  toolRequest?: undefined;
  toolResponse?: undefined;
  reasoning?: undefined;
  resource?: undefined;
  data?: unknown;
  custom?: Record<string, unknown> | undefined;
  metadata?: Record<string, unknown> | undefined;
}

type PartWith<Fields> = Omit<AnyPart, keyof Fields> & Fields;

export type TextPart = PartWith<{ text: string }>;
export type MediaPart = PartWith<{ media: MediaReference }>;
export type ToolRequestPart = PartWith<{ toolRequest: ToolRequest }>;
export type ToolResponsePart = PartWith<{ toolResponse: ToolResponse }>;
export type ReasoningPart = PartWith<{ reasoning: string }>;
export type ResourcePart = PartWith<{ resource: ResourceReference }>;
export type DataPart = PartWith<{ data?: unknown }>;
export type CustomPart = PartWith<{ custom: Record<string, unknown> }>;

/** A piece of a message. The format is Genkit's, so that what was stored with it carries over. */
export type Part =
  | TextPart
  | MediaPart
  | ToolRequestPart
  | ToolResponsePart
  | ReasoningPart
  | ResourcePart
  | DataPart
  | CustomPart;

/** One message of a thread. Stores treat it as an opaque JSON object. */
export interface MessageData {
  role: Role;
  content: Part[];
  metadata?: Record<string, unknown> | undefined;
}
