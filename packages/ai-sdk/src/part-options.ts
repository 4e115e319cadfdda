import type { SharedV4ProviderOptions } from '@ai-sdk/provider';
import type { Part } from '@sess/core';
import { detailsOf } from './details.ts';

/** What the provider is told of a part: what it said itself, and what the application adds. */
export function partOptions(part: Part): { providerOptions?: SharedV4ProviderOptions } {
  const { providerMetadata, providerOptions } = detailsOf(part);
  if (providerMetadata === undefined && providerOptions === undefined) return {};
  return { providerOptions: { ...providerMetadata, ...providerOptions } as SharedV4ProviderOptions };
}
