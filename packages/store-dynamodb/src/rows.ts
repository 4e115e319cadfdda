import { own } from '@sess/core/store';
import { type LiveHeader, partitionKey } from './header.ts';
import { timeToLive } from './horizon.ts';
import type { Item } from './request-failure.ts';
import { messageKey, orderOf, stateKey } from './row-key.ts';
import type { Texts, WriteContent } from './write-content.ts';

/** The rows of a write, as they belong to the header that it makes. `tag`: of a change that is staged. */
export function* rowsOf(
  content: WriteContent,
  next: LiveHeader,
  { prefix, change, tag }: { prefix: string; change: number; tag?: string },
): Generator<Item> {
  const pk = { S: partitionKey(prefix, next.session.id) };
  const expiry = timeToLive(rowHorizon(next));
  const order = orderOf(change, tag);
  for (const [name, { from, messages }] of Object.entries(content.threads)) {
    const thread = own(next.threadNumbers, name) ?? 0;
    for (const [offset, texts] of messages.entries()) {
      for (const [part, json] of texts.entries()) {
        const sk = messageKey(next.run, thread, from + offset, order, part);
        yield { pk, sk: { S: sk }, json: { S: json }, ...partsOf(texts), ...expiry };
      }
    }
  }
  const { texts = [] } = content.state ?? {};
  for (const [part, json] of texts.entries()) {
    const sk = stateKey(next.run, next.state?.place ?? '', part);
    yield { pk, sk: { S: sk }, json: { S: json }, version: { S: next.session.versions.state ?? '' }, ...expiry };
  }
}

/** The horizon that rows get now. */
export function rowHorizon({ horizon, announced }: LiveHeader): LiveHeader['horizon'] {
  return announced === undefined ? horizon : announced;
}

function partsOf(texts: Texts): Item {
  return texts.length > 1 ? { parts: { N: String(texts.length) } } : {};
}
