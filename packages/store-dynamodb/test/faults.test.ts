import { afterEach, describe, expect, test, vi } from 'vitest';
import { cancelled, type Fault, FaultyClient, failure, lostReply } from './support/faulty-client.ts';
import { onDynamodb } from './support/on-dynamodb.ts';
import { type OpenedStore, openStore } from './support/open-store.ts';
import { rowsIn } from './support/rows-in.ts';
import { appendTo, changeOfMain, creation, errorOf, textsOf, user, users } from './support/samples.ts';

const realNow = Date.now.bind(Date);

onDynamodb('what DynamoDB Local never does', () => {
  const opened: OpenedStore[] = [];
  const open = (options: Parameters<typeof openStore>[0] = {}) => {
    const faulty = new FaultyClient();
    const one = openStore({ client: faulty.client, ...options });
    opened.push(one);
    return { ...one, faulty };
  };
  /** The same fault for so long that nobody waits for it any more. */
  const forTooLong = (fault: Fault): Fault => {
    let late = 0;
    vi.spyOn(Date, 'now').mockImplementation(() => realNow() + late);
    return (pass, input) => {
      late += 6_000;
      return fault(pass, input);
    };
  };
  /** Another process on the same sessions. */
  const another = (prefix: string) => open({ prefix }).store;
  afterEach(async () => {
    for (const { close } of opened.splice(0)) await close();
  });

  describe('requests that are refused are repeated', () => {
    const refusals: [string, Fault][] = [
      ['a conflict with another transaction', cancelled('TransactionConflict', 'None')],
      ['throttling in a transaction', cancelled('None', 'ThrottlingError')],
      ['too little capacity in a transaction', cancelled('ProvisionedThroughputExceeded', 'None')],
      ['throttling', failure('ThrottlingException')],
      ['too little capacity', failure('ProvisionedThroughputExceededException')],
      ['the limit of an account', failure('RequestLimitExceeded')],
      ['the same transaction under way', failure('TransactionInProgressException')],
      ['a fault of the server', failure('InternalServerError', { $metadata: { httpStatusCode: 500 } })],
      ['a status without a name', failure('UnknownError', { $metadata: { httpStatusCode: 503 } })],
    ];
    test.each(refusals)('%s', async (_, fault) => {
      const { store, faulty } = open();
      await store.commit('a', creation('c1', users(2)));
      faulty.next('TransactWriteItems', fault, 3);
      faulty.next('GetItem', failure('ThrottlingException'), 2);
      faulty.next('Query', failure('ProvisionedThroughputExceededException'), 2);
      await appendTo(store, 'a', 'c2', user('m2'));
      expect(await textsOf(store, 'a')).toEqual(['m0', 'm1', 'm2']);
      expect(await store.get('a')).toMatchObject({ changes: 2 });
      expect(faulty.isDone).toBe(true);
    });

    test('a conflict with another request about the header alone', async () => {
      const { store, faulty } = open();
      await store.commit('a', creation('c1'));
      faulty.next('PutItem', failure('TransactionConflictException'), 2);
      await store.commit('a', { changeId: 'c2', life: 'c1' });
      expect(await store.get('a')).toMatchObject({ changes: 2 });
      expect(faulty.isDone).toBe(true);
    });

    test('for no longer than the timeout, and then with the reason and a hint', async () => {
      const { store, faulty } = open();
      await store.commit('a', creation('c1'));
      faulty.next('TransactWriteItems', forTooLong(cancelled('TransactionConflict', 'None')), Number.POSITIVE_INFINITY);
      const conflict = await errorOf(appendTo(store, 'a', 'c2', user('secret')));
      expect(conflict).toMatchObject({ code: 'STORE_FAILED', retryable: true, sessionId: 'a', store: 'DynamodbStore' });
      expect(conflict.outcome).toBeUndefined();
      faulty.next('GetItem', forTooLong(failure('ProvisionedThroughputExceededException')), Number.POSITIVE_INFINITY);
      const throttled = await errorOf(store.get('a'));
      expect(throttled).toMatchObject({ code: 'STORE_FAILED', retryable: true });
      expect(throttled.message).toContain('Raise the capacity');
    });
  });

  test.each([
    ['ResourceNotFoundException', 'call setup()'],
    ['AccessDeniedException', 'README'],
    ['UnrecognizedClientException', 'credentials'],
    ['InvalidSignatureException', 'secret key'],
    ['ExpiredTokenException', 'Renew the credentials'],
    ['CredentialsProviderError', 'credentials'],
    ['ValidationException', 'See the cause'],
  ])('%s is reported at once, with what to do', async (name, hint) => {
    const { store, faulty } = open();
    faulty.next('GetItem', failure(name));
    const error = await errorOf(store.get('a'));
    expect(error).toMatchObject({ code: 'STORE_FAILED', retryable: false, sessionId: 'a', store: 'DynamodbStore' });
    expect(error.message).toContain(name);
    expect(error.message).toContain(hint);
    expect(error.message).not.toContain('of a test');
    faulty.next('TransactWriteItems', failure(name));
    expect(await errorOf(store.commit('a', creation('c1', users(1))))).toMatchObject({
      code: 'STORE_FAILED',
      retryable: false,
    });
    expect(faulty.commands.filter((command) => command === 'TransactWriteItems')).toHaveLength(1);
  });

  describe('a reply that gets lost', () => {
    test('of an appended message: it is there once', async () => {
      const { store, faulty } = open();
      await store.commit('a', creation('c1', users(1)));
      faulty.next('TransactWriteItems', lostReply());
      await appendTo(store, 'a', 'c2', user('m1'));
      expect(await textsOf(store, 'a')).toEqual(['m0', 'm1']);
      expect(await store.get('a')).toMatchObject({ changes: 2 });
    });

    test('of a change after which others wrote: it is recognised', async () => {
      const { store, faulty, prefix } = open();
      const other = another(prefix);
      await store.commit('a', creation('c1', users(3)));
      const reset = await changeOfMain(store, 'a', 'reset', { keep: 1 });
      faulty.next(
        'PutItem',
        lostReply(() => appendTo(other, 'a', 'theirs', user('after the reset'))),
      );
      await store.commit('a', reset);
      expect(await textsOf(store, 'a')).toEqual(['m0', 'after the reset']);
      expect(await store.get('a')).toMatchObject({ changes: 3 });
    });

    test('of a change that is forgotten by then: the conflict says that its outcome is unknown', async () => {
      const { store, faulty, prefix } = open();
      const other = another(prefix);
      await store.commit('a', creation('c1', users(3)));
      const reset = await changeOfMain(store, 'a', 'reset', { keep: 1 });
      faulty.next(
        'PutItem',
        lostReply(async () => {
          for (let index = 0; index < 16; index++) await appendTo(other, 'a', `o${index}`, user(`o${index}`));
        }),
      );
      expect(await errorOf(store.commit('a', reset))).toMatchObject({ code: 'CONFLICT', outcome: 'unknown' });
      expect(await store.get('a')).toMatchObject({ changes: 18 });
    });

    test('of a change that others came before: it was not applied, and the conflict says so', async () => {
      const { store, faulty, prefix } = open();
      const other = another(prefix);
      await store.commit('a', creation('c1', users(3)));
      const reset = await changeOfMain(store, 'a', 'reset', { keep: 1 });
      faulty.next('PutItem', async () => {
        await appendTo(other, 'a', 'theirs', user('theirs'));
        throw Object.assign(new Error('lost before the server saw it'), { name: 'TimeoutError' });
      });
      const error = await errorOf(store.commit('a', reset));
      expect(error).toMatchObject({ code: 'CONFLICT', parts: { threads: { main: { version: 'theirs', length: 4 } } } });
      expect(error.outcome).toBeUndefined();
    });

    test('when the SDK itself repeats the request: it counts as a repetition', async () => {
      const { store, faulty, prefix } = open();
      const other = another(prefix);
      await store.commit('a', creation('c1', users(3)));
      const reset = await changeOfMain(store, 'a', 'reset', { keep: 1 });
      faulty.next('PutItem', async (pass) => {
        await pass();
        for (let index = 0; index < 16; index++) await appendTo(other, 'a', `o${index}`, user(`o${index}`));
        return pass().catch((error) => Promise.reject(Object.assign(error, { $metadata: { attempts: 2 } })));
      });
      expect(await errorOf(store.commit('a', reset))).toMatchObject({ code: 'CONFLICT', outcome: 'unknown' });
    });

    test('again and again: the error says that the outcome is unknown, and a repetition finds it applied', async () => {
      const { store, faulty } = open();
      await store.commit('a', creation('c1', users(1)));
      const change = await changeOfMain(store, 'a', 'c2', { append: [user('m1')] });
      let isOver = false;
      faulty.next(
        'TransactWriteItems',
        forTooLong((pass, input) => (isOver ? pass() : lostReply()(pass, input))),
        Number.POSITIVE_INFINITY,
      );
      expect(await errorOf(store.commit('a', change))).toMatchObject({
        code: 'STORE_FAILED',
        outcome: 'unknown',
        retryable: true,
      });
      isOver = true;
      await store.commit('a', { ...change, retry: true });
      expect(await textsOf(store, 'a')).toEqual(['m0', 'm1']);
      expect(await store.get('a')).toMatchObject({ changes: 2 });
    });

    test('of a creation: the session is there once', async () => {
      const { store, faulty, prefix } = open();
      faulty.next(
        'TransactWriteItems',
        lostReply(() => appendTo(another(prefix), 'a', 'theirs', user('theirs'))),
      );
      faulty.next('TransactWriteItems', cancelled('TransactionConflict', 'None'));
      await store.commit('a', creation('c1', users(1)));
      expect(await textsOf(store, 'a')).toEqual(['m0', 'theirs']);
    });

    test('of a deletion: it tells that there was a session, and leaves the one that was created since', async () => {
      const { store, faulty, prefix } = open();
      const other = another(prefix);
      await store.commit('a', creation('c1', users(1)));
      faulty.next('PutItem', lostReply());
      expect(await store.delete('a')).toBe(true);
      await store.commit('a', creation('c2', users(1)));
      faulty.next(
        'PutItem',
        lostReply(() => other.commit('a', creation('c3', users(2)))),
      );
      expect(await store.delete('a')).toBe(true);
      expect(await textsOf(store, 'a')).toEqual(['m0', 'm1']);
    });

    test('of a save: others are not overwritten by a second one', async () => {
      const { store, faulty, prefix } = open();
      const other = another(prefix);
      await store.commit('a', creation('c1', users(1)));
      const save = () => store.save('a', { threads: { main: [user('saved')] } });
      faulty.next(
        'TransactWriteItems',
        lostReply(() => appendTo(other, 'a', 'theirs', user('theirs'))),
      );
      await save();
      expect(await textsOf(store, 'a')).toEqual(['saved', 'theirs']);

      // The token of a transaction holds for ten minutes; here it is forgotten.
      const forgetful =
        (meanwhile: () => Promise<void>): Fault =>
        async (pass, input) => {
          await pass({ ...input, ClientRequestToken: undefined });
          await meanwhile();
          throw Object.assign(new Error('lost'), { name: 'TimeoutError' });
        };
      const sixteen = async () => {
        for (let index = 0; index < 16; index++) await appendTo(other, 'a', `o${index}`, user(`o${index}`));
      };
      faulty.next('TransactWriteItems', forgetful(sixteen));
      expect(await errorOf(save())).toMatchObject({ code: 'STORE_FAILED', outcome: 'unknown' });
      expect(await textsOf(store, 'a')).toHaveLength(17);
      faulty.next(
        'TransactWriteItems',
        forgetful(async () => void (await other.delete('a'))),
      );
      expect(await errorOf(save())).toMatchObject({ code: 'STORE_FAILED', outcome: 'unknown' });
      expect(await store.get('a')).toBeUndefined();
    });

    test('of a read: nothing is said of outcomes', async () => {
      const { store, faulty } = open();
      await store.commit('a', creation('c1', users(1)));
      faulty.next('GetItem', forTooLong(lostReply()), Number.POSITIVE_INFINITY);
      const error = await errorOf(open({ client: faulty.client }).store.save('a', { state: 1 }));
      expect(error).toMatchObject({ code: 'STORE_FAILED', retryable: true });
      expect(error.outcome).toBeUndefined();
    });
  });

  describe('batches and pages in parts', () => {
    const half = (items: unknown[]) => [
      items.slice(0, Math.ceil(items.length / 2)),
      items.slice(Math.ceil(items.length / 2)),
    ];

    test('what a BatchWriteItem leaves is written', async () => {
      const { store, faulty } = open();
      await store.commit('a', creation('c1', users(3)));
      faulty.next(
        'BatchWriteItem',
        async (pass, { RequestItems }) => {
          const [[table, requests]] = Object.entries(RequestItems) as [[string, unknown[]]];
          const [now = [], later = []] = half(requests);
          await pass({ RequestItems: { [table]: now } });
          return { UnprocessedItems: later.length > 0 ? { [table]: later } : {} };
        },
        Number.POSITIVE_INFINITY,
      );
      await appendTo(store, 'a', 'c2', ...users(250, 3));
      expect(await textsOf(store, 'a')).toEqual(users(253).map(({ content }) => content[0]?.text));
      expect(faulty.isDone).toBe(true);
    });

    test('what a BatchWriteItem leaves for ever is an error, and nothing has landed', async () => {
      const { store, faulty } = open();
      await store.commit('a', creation('c1', users(3)));
      const nothing: Fault = async (_, { RequestItems }) => ({ UnprocessedItems: RequestItems });
      faulty.next('BatchWriteItem', forTooLong(nothing), Number.POSITIVE_INFINITY);
      const error = await errorOf(appendTo(store, 'a', 'c2', ...users(250, 3)));
      expect(error).toMatchObject({ code: 'STORE_FAILED', retryable: true });
      expect(error.outcome).toBeUndefined();
      expect(await store.get('a', { last: 0 })).toMatchObject({ lengths: { main: 3 }, changes: 1 });
    });

    test('what a BatchGetItem leaves is read', async () => {
      const { store, faulty } = open();
      for (let index = 0; index < 9; index++) {
        await store.commit(`s${index}`, { ...creation('c1'), owner: 'ada' });
      }
      faulty.next(
        'BatchGetItem',
        async (pass, { RequestItems }) => {
          const [[table, { Keys }]] = Object.entries(RequestItems) as [[string, { Keys: unknown[] }]];
          const [now = [], later = []] = half(Keys);
          const answer = await pass({ RequestItems: { [table]: { Keys: now, ConsistentRead: true } } });
          return { ...answer, UnprocessedKeys: later.length > 0 ? { [table]: { Keys: later } } : {} };
        },
        Number.POSITIVE_INFINITY,
      );
      const { sessions } = await store.list({ owner: 'ada' });
      expect(sessions.map(({ id }) => id).sort()).toEqual(Array.from({ length: 9 }, (_, index) => `s${index}`));
      expect(faulty.isDone).toBe(true);
    });

    test('short pages are followed to the end, by reads, lists and purges', async () => {
      const { store, faulty, prefix } = open();
      faulty.next('Query', (pass, input) => pass({ ...input, Limit: 3 }), Number.POSITIVE_INFINITY);
      await store.commit('a', { ...creation('c1', users(20)), owner: 'ada' });
      for (let index = 0; index < 8; index++) await store.commit(`s${index}`, { ...creation('c1'), owner: 'ada' });
      expect(await textsOf(store, 'a')).toHaveLength(20);
      expect((await store.get('a', { last: 11 }))?.threads?.main).toHaveLength(11);
      expect((await store.list({ owner: 'ada' })).sessions).toHaveLength(9);
      expect((await store.list()).sessions).toHaveLength(9);
      await store.commit('a', await changeOfMain(store, 'a', 'c2', { keep: 2 }));
      expect((await rowsIn(prefix, 'a')).filter((sk) => sk.includes('/m/'))).toHaveLength(2);
      await store.delete('a');
      expect(await rowsIn(prefix, 'a')).toEqual(['header']);
    });
  });
});
