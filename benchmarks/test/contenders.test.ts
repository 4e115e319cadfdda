import { describe, expect, test } from 'vitest';
import { costOf, newPlace, openCounted } from '../src/bench.ts';
import { ownContenders } from '../src/contenders/index.ts';
import { turnMessages } from '../src/messages.ts';
import { benchOn, whyNot } from './support/bench-on.ts';

const turns = [9, 10, 11].map((turn) => turnMessages(turn)); // the second one with tools

describe.each(ownContenders)('$name on $backend', (contender) => {
  test('gives back what it was given, to somebody who comes later too', async ({ skip }) => {
    const reason = whyNot(contender.backend);
    if (reason !== undefined) skip(reason);
    const place = newPlace(benchOn(contender.backend, [contender]));
    const first = await contender.open(place);
    for (const messages of turns) await first.turn('one', messages);
    await first.turn('other', turnMessages(1));
    await first.close();

    const later = await contender.open(place);
    expect(await later.history('one')).toEqual(turns.flat());
    expect(await later.tail('one', 3)).toEqual(turns.flat().slice(-3));
    expect(await later.history('other')).toEqual(turnMessages(1));
    const ids: string[] = [];
    for await (const id of later.list?.() ?? []) ids.push(id);
    expect(ids.sort()).toEqual(['one', 'other']);
    await later.delete?.('one');
    ids.length = 0;
    for await (const id of later.list?.() ?? []) ids.push(id);
    expect(ids).toEqual(['other']);
    await later.close();
  });

  test('costs the same in each run', async ({ skip }) => {
    const reason = whyNot(contender.backend);
    if (reason !== undefined) skip(reason);
    const run = async () => {
      const opened = await openCounted(benchOn(contender.backend, [contender]), contender);
      const costs = [];
      for (const messages of turns) {
        const { sent, roundTrips } = await costOf(opened, () => opened.turn('one', messages));
        expect(sent).toBeGreaterThanOrEqual(JSON.stringify(messages).length);
        costs.push({ sent, roundTrips });
      }
      const stored = await opened.stored();
      await opened.close();
      return { costs, stored };
    };
    const first = await run();
    expect(first.stored).toBeGreaterThanOrEqual(JSON.stringify(turns.flat()).length);
    expect(await run()).toEqual(first);
  });
});

const appending = ownContenders.filter(({ kind }) => kind === 'sess' || kind === 'bare');

test.for(appending)('$name on $backend appends without a read', async (contender, { skip }) => {
  const reason = whyNot(contender.backend);
  if (reason !== undefined) skip(reason);
  const opened = await contender.open(newPlace(benchOn(contender.backend, [contender])));
  for (const messages of turns) await opened.append?.('one', messages);
  expect(await opened.history('one')).toEqual(turns.flat());
  await opened.close();
});
