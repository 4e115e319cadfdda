/** Options of providers, by the provider's name: `{ anthropic: { thinking: … } }`. */
export type ProviderOptions = Record<string, Record<string, unknown>>;

/** What a model can be told of how to answer: as `config` of this model, of a chat, a prompt, or of one send. */
export interface AiSdkConfig {
  maxOutputTokens?: number;
  temperature?: number;
  topP?: number;
  topK?: number;
  presencePenalty?: number;
  frequencyPenalty?: number;
  stopSequences?: string[];
  seed?: number;
  /** How much the model should think. Only for models of the AI SDK 7; before, it is among the provider's options. */
  reasoning?: 'provider-default' | 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max';
  /** HTTP headers of the call. */
  headers?: Record<string, string | undefined>;
  providerOptions?: ProviderOptions;
}

export interface AiSdkModelOptions {
  /** `false`: the answer is asked for and shown in one piece (`doGenerate`). Default: `true`. */
  stream?: boolean;
  /** What holds for every call; the `config` of a chat or a send goes before it, key by key. */
  config?: AiSdkConfig;
  /**
   * Tools that the provider runs by itself, as its package makes them (`openai.tools.webSearch()`), by the names that
   * the model knows them by. Each has an `id` (`openai.web_search`) and `args`, which the types of some providers do
   * not tell. Default: none.
   */
  providerTools?: Readonly<Record<string, object>>;
}
