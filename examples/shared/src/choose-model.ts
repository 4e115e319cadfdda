import { aiSdkModel, type LanguageModel, ModelCallError } from '@sess/ai-sdk';
import type { Model } from '@sess/core';
import { demoModel } from '@sess/core/testing';
import type { ModelChoice } from './model-options.ts';
import { loadCompatible, type Provider, providers } from './providers.ts';

export interface ChosenModel {
  readonly model: Model;
  /** What to tell people of it; undefined for the demo model. */
  readonly announcement: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The variable with the key for `--base-url`. No provider's key: that one is not for other servers. */
const serverKey = 'MODEL_API_KEY';

/** The model that was asked for; else that of a provider whose key is in the environment; else the demo model. */
export async function chooseModel(
  { model, baseUrl, delayMs }: ModelChoice,
  environment: Environment = process.env,
): Promise<ChosenModel> {
  if (model?.provider === 'server' && baseUrl !== undefined) {
    const apiKey = environment[serverKey] || undefined;
    const hint = apiKey === undefined ? `wants a key: set ${serverKey}` : `refuses the key in ${serverKey}`;
    const languageModel = await loadCompatible(baseUrl, model.name, apiKey);
    return {
      model: withHint(languageModel, `${baseUrl} ${hint}`),
      announcement: `Model: ${model.name} at ${baseUrl}.`,
    };
  }
  const asked = model === undefined ? undefined : providers.get(model.provider);
  if (model !== undefined && asked !== undefined) return useProvider(model.provider, asked, model.name, environment);
  if (model === undefined) {
    for (const [name, provider] of providers) {
      const key = keyIn(environment, provider);
      if (key === undefined) continue;
      const { model: found } = await useProvider(name, provider, provider.defaultModel, environment);
      const announcement = `Model: ${name}/${provider.defaultModel}, since ${key} is set; see --model.`;
      return { model: found, announcement };
    }
  }
  return { model: demoModel({ delayMs }), announcement: undefined };
}

async function useProvider(
  providerName: string,
  provider: Provider,
  name: string,
  environment: Environment,
): Promise<ChosenModel> {
  const key = keyIn(environment, provider);
  const apiKey = key === undefined ? undefined : environment[key];
  if (key === undefined || apiKey === undefined) {
    throw new Error(`${providerName}/${name} needs a key: set ${provider.keys.join(' or ')}.`);
  }
  const languageModel = await provider.load(name, apiKey);
  const model = withHint(languageModel, `${providerName} refuses the key in ${key}`);
  return { model, announcement: `Model: ${providerName}/${name}.` };
}

/** The variable that holds a provider's key. */
function keyIn(environment: Environment, { keys }: Provider): string | undefined {
  return keys.find((key) => environment[key]);
}

/** The model, with what can be done about it where it is not let in. */
function withHint(languageModel: LanguageModel, hint: string): Model {
  const model = aiSdkModel(languageModel);
  return async (request, onChunk) => {
    try {
      return await model(request, onChunk);
    } catch (error) {
      if (error instanceof ModelCallError && error.statusCode === 401) throw new Error(`${hint} (HTTP 401).`);
      throw error;
    }
  };
}
