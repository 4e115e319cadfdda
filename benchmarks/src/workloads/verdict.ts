import type { Message } from '../contender.ts';
import { nameOf } from '../messages.ts';

/** How a session differs from what was acknowledged. */
export interface Verdict {
  readonly acknowledged: number;
  /** Turns that were acknowledged and are not there whole. */
  readonly lost: number;
  readonly doubled: number;
  /** Turns that stand before one of the same writer that was acknowledged earlier. */
  readonly reordered: number;
}

/** @param acknowledged The turns of each writer, in the order in which they were acknowledged. */
export function judge(history: readonly Message[], acknowledged: Readonly<Record<string, readonly number[]>>): Verdict {
  const places = new Map<string, number[]>();
  for (const [index, message] of history.entries()) {
    const name = nameOf(message);
    if (name !== undefined) places.set(name, [...(places.get(name) ?? []), index]);
  }
  const verdict = { acknowledged: 0, lost: 0, doubled: 0, reordered: 0 };
  for (const [writer, turns] of Object.entries(acknowledged)) {
    let last = -1;
    for (const turn of turns) {
      verdict.acknowledged += 1;
      const question = places.get(`${writer}/${turn}/user`);
      const answer = places.get(`${writer}/${turn}/model`);
      if (question === undefined || answer === undefined) {
        verdict.lost += 1;
        continue;
      }
      if (question.length > 1 || answer.length > 1) verdict.doubled += 1;
      const [at = 0] = question;
      if (at < last || (answer[0] ?? 0) < at) verdict.reordered += 1;
      last = at;
    }
  }
  return verdict;
}
