import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { peers } from '../src/index.ts';
import { turns } from './conversation.ts';
import { startServers } from './servers.ts';

const servers = await startServers();
after(() => servers.stop());

test('no two peers of a backend have one name', () => {
  const names = peers.map(({ name, backend }) => `${name} ${backend}`);
  assert.deepEqual(names, [...new Set(names)]);
});

for (const peer of peers) {
  if (!('open' in peer)) continue;

  test(`${peer.name} on ${peer.backend} gives back what it was given`, async (context) => {
    const { place, reason } = servers.placeOn(peer.backend);
    if (place === undefined) return context.skip(reason);
    const writer = await peer.open(place);
    for (const messages of turns) await writer.turn('first', messages);
    await writer.turn('second', turns[0] ?? []);
    await writer.close();

    const reader = await peer.open(place);
    assert.deepEqual(await reader.history('first'), turns.flat());
    assert.deepEqual(await reader.tail('first', 5), turns.flat().slice(-5));
    assert.deepEqual(await reader.history('second'), turns[0]);
    assert.deepEqual(await reader.history('never-stored'), []);
    if (reader.list) {
      const ids: string[] = [];
      for await (const id of reader.list()) ids.push(id);
      assert.deepEqual(ids.sort(), ['first', 'second']);
    }
    if (reader.delete) {
      await reader.delete('first');
      assert.deepEqual(await reader.history('first'), []);
      assert.deepEqual(await reader.history('second'), turns[0]);
    }
    await reader.close();
  });
}
