import type { LanguageModel } from '@sess/ai-sdk';

/** Who answers under `--model PROVIDER/NAME`. */
export interface Provider {
  /** The variables of the environment that may hold the key; the first one is the one to tell people. */
  readonly keys: readonly [string, ...string[]];
  /** What answers where only a key is there. */
  readonly defaultModel: string;
  /** Loaded only when it is asked for: the chat should start at once. */
  load(name: string, apiKey: string): Promise<LanguageModel>;
}

export const providers: ReadonlyMap<string, Provider> = new Map<string, Provider>([
  [
    'openai',
    {
      keys: ['OPENAI_API_KEY'],
      defaultModel: 'gpt-5.4-mini',
      load: async (name, apiKey) => (await import('@ai-sdk/openai')).createOpenAI({ apiKey })(name),
    },
  ],
  [
    'anthropic',
    {
      keys: ['ANTHROPIC_API_KEY'],
      defaultModel: 'claude-haiku-5-5',
      load: async (name, apiKey) => (await import('@ai-sdk/anthropic')).createAnthropic({ apiKey })(name),
    },
  ],
  [
    'google',
    {
      keys: ['GOOGLE_GENERATIVE_AI_API_KEY', 'GEMINI_API_KEY'],
      defaultModel: 'gemini-flash-latest',
      load: async (name, apiKey) => (await import('@ai-sdk/google')).createGoogleGenerativeAI({ apiKey })(name),
    },
  ],
]);

/** Any server that speaks OpenAI's chat protocol. Many, Ollama among them, want no key. */
export async function loadCompatible(
  baseURL: string,
  name: string,
  apiKey: string | undefined,
): Promise<LanguageModel> {
  const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible');
  return createOpenAICompatible({ name: 'server', baseURL, ...(apiKey !== undefined && { apiKey }) })(name);
}
