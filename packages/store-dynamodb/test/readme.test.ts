import { readFileSync } from 'node:fs';
import { tableDefinition } from '@sess/store-dynamodb';
import { expect, test } from 'vitest';
import { FaultyClient } from './support/faulty-client.ts';
import { onDynamodb } from './support/on-dynamodb.ts';
import { openStore } from './support/open-store.ts';
import { appendTo, changeOfMain, creation, users } from './support/samples.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

function blocks(language: string): string[] {
  return [...readme.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs'))].map(([, block]) => block as string);
}

test('the options are those that there are', () => {
  const documented = [...readme.matchAll(/^\| `(\w+)` \| /gm)].map(([, name]) => name);
  const source = readFileSync(new URL('../src/dynamodb-store.ts', import.meta.url), 'utf8');
  const [, own = ''] = /interface DynamodbStoreOptions extends BaseStoreOptions \{(.*?)\n\}/s.exec(source) ?? [];
  const declared = [...own.matchAll(/^ {2}(\w+)\?:/gm)].map(([, name]) => name);
  expect(documented.toSorted()).toEqual([...declared, 'ttl', 'clock'].toSorted());
});

test('the table of CloudFormation is the one that setup() creates', () => {
  const { Properties } = JSON.parse(blocks('json')[0] ?? '');
  const { TimeToLiveSpecification, PointInTimeRecoverySpecification: _, ...table } = Properties;
  expect(table).toEqual(tableDefinition('sess'));
  expect(TimeToLiveSpecification).toEqual({ AttributeName: 'ttl', Enabled: true });
});

test('so is that of Terraform', () => {
  const [terraform = ''] = blocks('hcl');
  const definition = tableDefinition('sess');
  const indexes = [...terraform.matchAll(/"(\S+)" += \["(\w)", "(\w)"\]/g)].map(([, name, hash, range]) => [
    name,
    hash,
    range,
  ]);
  expect(indexes).toEqual(
    definition.GlobalSecondaryIndexes?.map(({ IndexName: name, KeySchema: key = [] }) => [
      name,
      ...key.map((it) => it.AttributeName),
    ]),
  );
  const attributes = /for_each = (\["pk".*\])/.exec(terraform)?.[1] ?? '';
  expect(JSON.parse(attributes)).toEqual(definition.AttributeDefinitions?.map(({ AttributeName: name }) => name));
});

onDynamodb('the actions of the role', () => {
  test('the actions of the role are those that are needed', async () => {
    const faulty = new FaultyClient();
    let now = Date.now();
    const { store, close } = openStore({ client: faulty.client, ttl: 60_000, clock: () => now });
    await store.commit('a', { ...creation('c1', users(3)), state: { base: null, value: 1 } });
    await appendTo(store, 'a', 'c2', ...users(150, 3));
    await store.get('a', { last: 2 });
    await store.commit('a', await changeOfMain(store, 'a', 'c3', { keep: 2 }));
    await store.list();
    now += 50_000;
    await store.commit('a', { changeId: 'c4', life: 'c1' });
    now += 50_000;
    await store.commit('a', { changeId: 'c5', life: 'c1' });
    now += 50_000;
    await store.commit('a', { changeId: 'c6', life: 'c1' });
    await store.save('a', { state: 2 });
    await store.delete('a');
    await store.sweep();
    await close();
    const inTransactions = ['PutItem', 'UpdateItem'];
    const used = new Set(faulty.commands.flatMap((name) => (name === 'TransactWriteItems' ? inTransactions : name)));
    const { Statement } = JSON.parse(blocks('json')[1] ?? '');
    expect(Statement[0].Action.toSorted()).toEqual([...used].map((name) => `dynamodb:${name}`).toSorted());
  });
});
