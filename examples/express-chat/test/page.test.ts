import { join } from 'node:path';
import { openBrowser } from '@sess/browser/open-browser';
import type { SessOptions } from '@sess/core';
import { demoModel, scriptedModel } from '@sess/core/testing';
import { serverOrReason } from '@sess/test-servers/no-server';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { TestApp } from './support/test-app.ts';
import { gate, waitingModel } from './support/waiting-model.ts';

let browser: Browser | undefined;
let reason: string | undefined;
beforeAll(async () => {
  ({ server: browser, reason } = await serverOrReason(openBrowser));
}, 300_000);
afterAll(() => browser?.close());

let app: TestApp | undefined;
let context: BrowserContext | undefined;
/** What the pages complained of. */
let complaints: string[];
beforeEach(({ skip }) => {
  if (browser === undefined) return skip(reason);
  complaints = [];
});
afterEach(async () => {
  await context?.close();
  await app?.stop();
  context = app = undefined;
});

/** A page of one who has signed in. */
async function start(options?: SessOptions): Promise<Page> {
  const page = await startSignedOut(options);
  await signIn(page);
  return page;
}

async function startSignedOut(options: SessOptions = { model: demoModel() }): Promise<Page> {
  app = await TestApp.start(options);
  context = await (browser as Browser).newContext({ viewport: { width: 1000, height: 640 } });
  return openTab('/');
}

async function signIn(page: Page): Promise<void> {
  await page.getByLabel('Name').fill('ada');
  await page.getByLabel('Password').fill('demo');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'New chat' }).waitFor();
}

/** Another tab of the same browser. */
async function openTab(path: string): Promise<Page> {
  const page = await (context as BrowserContext).newPage();
  page.setDefaultTimeout(20_000);
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('dialog', (dialog) => dialog.accept());
  await page.goto(new URL(path, app?.url).href);
  return page;
}

/** Types a message, and sends it by the key. */
async function say(page: Page, message: string): Promise<void> {
  await page.getByLabel('Message', { exact: true }).fill(message);
  await page.keyboard.press('Enter');
}

/** Resolves when the messages that are shown are these. */
async function untilShown(page: Page, ...messages: string[]): Promise<void> {
  await page.waitForFunction((expected) => {
    const shown = Array.from(document.querySelectorAll('#messages article'), (element) => element.textContent);
    return JSON.stringify(shown) === JSON.stringify(expected);
  }, messages);
}

async function untilIdle(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Send' }).waitFor();
}

describe('the page', () => {
  test('shows the answer as it comes, and all of it after a reload', async () => {
    const { entry, open } = waitingModel();
    const page = await start({ model: scriptedModel(entry) });
    await say(page, 'hello');
    await untilShown(page, 'You: hello', 'Answer: One ');
    await page.getByRole('status').getByText('Answering …').waitFor();
    open();
    await untilShown(page, 'You: hello', 'Answer: One moment.');
    await untilIdle(page);
    await page.reload();
    await untilShown(page, 'You: hello', 'Answer: One moment.');
    await page.getByRole('heading', { name: 'hello' }).waitFor();
    expect(complaints).toEqual([]);
  });

  test('shows an answer that is still made after a reload', async () => {
    const { entry, open } = waitingModel();
    const page = await start({ model: scriptedModel(entry) });
    await say(page, 'hello');
    await untilShown(page, 'You: hello', 'Answer: One ');
    await page.reload();
    await untilShown(page, 'You: hello', 'Answer: One ');
    open();
    await untilShown(page, 'You: hello', 'Answer: One moment.');
    await untilIdle(page);
    expect(complaints).toEqual([]);
  });

  test('refuses a wrong password, and signs out', async () => {
    const page = await startSignedOut();
    await page.getByLabel('Name').fill('ada');
    await page.getByLabel('Password').fill('wrong');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('The name or the password is wrong.').waitFor();
    await page.getByLabel('Password').fill('demo');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    expect(await page.getByRole('button', { name: 'New chat' }).isVisible()).toBe(false);
  });

  test('takes the next message at once, and shows each answer once', async () => {
    const page = await start();
    const shown: string[] = [];
    for (let number = 1; number <= 8; number += 1) {
      await say(page, `my number is ${number}`);
      shown.push(`You: my number is ${number}`, `Answer: I will remember that your number is ${number}.`);
      await page
        .locator('article.model')
        .nth(number - 1)
        .getByText(`${number}.`)
        .waitFor();
      await untilIdle(page);
    }
    await untilShown(page, ...shown);
    expect(complaints).toEqual([]);
  });

  test('takes a message while it still loads', async () => {
    const page = await startSignedOut();
    const [list, chat] = [gate(), gate()];
    await page.route('**/sessions', (route) => list.opened.then(() => route.continue()));
    await page.route('**/chat', (route) => chat.opened.then(() => route.continue()));
    await signIn(page);
    await say(page, 'hello');
    const listed = page.waitForResponse('**/sessions');
    list.open();
    await (await listed).finished();
    chat.open();
    await untilShown(page, 'You: hello', 'Answer: Hello! What is your name?');
    expect(complaints).toEqual([]);
  });

  test('stops an answer, and keeps what was said', async () => {
    const page = await start({ model: scriptedModel(waitingModel().entry, 'Gladly.') });
    await say(page, 'hello');
    await untilShown(page, 'You: hello', 'Answer: One ');
    await page.getByRole('button', { name: 'Stop' }).click();
    await untilShown(page, 'You: hello', 'Answer: One Stopped.');
    await untilIdle(page);
    await say(page, 'go on');
    await untilShown(page, 'You: hello', 'Answer: One Stopped.', 'You: go on', 'Answer: Gladly.');
    expect(complaints).toEqual([]);
  });

  test('goes from one chat to another, begins new ones, and leaves an answer to be made meanwhile', async () => {
    const { entry, open } = waitingModel();
    const page = await start({ model: scriptedModel(entry, 'Second.') });
    await say(page, 'first chat');
    await untilShown(page, 'You: first chat', 'Answer: One ');
    await page.getByRole('button', { name: 'New chat' }).click();
    await untilShown(page);
    await say(page, 'second chat');
    await untilShown(page, 'You: second chat', 'Answer: Second.');
    open();
    await page.getByRole('link', { name: 'first chat' }).click();
    await untilShown(page, 'You: first chat', 'Answer: One moment.');
    await page.getByRole('link', { name: 'second chat' }).click();
    await untilShown(page, 'You: second chat', 'Answer: Second.');
    expect(complaints).toEqual([]);
  });

  test('resets and deletes a chat', async () => {
    const page = await start();
    await say(page, 'my name is Ada');
    await untilShown(page, 'You: my name is Ada', 'Answer: Nice to meet you, Ada.');
    await untilIdle(page);
    await page.getByRole('button', { name: 'Reset' }).click();
    await untilShown(page);
    await say(page, 'what is my name?');
    await untilShown(page, 'You: what is my name?', 'Answer: You have not told me your name in this thread.');
    await untilIdle(page);
    await page.getByRole('button', { name: 'Delete' }).click();
    await untilShown(page);
    await page.getByRole('heading', { name: 'New chat' }).waitFor();
    await page.getByRole('listitem').waitFor({ state: 'detached' });
    expect((await app?.ai.sessions.page())?.sessions).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test('of two tabs on one chat, the second waits for the first, and each shows both in the end', async () => {
    const { entry, open } = waitingModel();
    const model = scriptedModel('Hello.', entry, 'Second.');
    const first = await start({ model });
    await say(first, 'hello');
    await untilShown(first, 'You: hello', 'Answer: Hello.');
    await untilIdle(first);
    const second = await openTab(new URL(first.url()).hash);
    await untilShown(second, 'You: hello', 'Answer: Hello.');

    await say(first, 'from the first');
    await untilShown(first, 'You: hello', 'Answer: Hello.', 'You: from the first', 'Answer: One ');
    await say(second, 'from the second');
    await untilShown(second, 'You: hello', 'Answer: Hello.', 'You: from the second');
    open();
    const both = ['You: hello', 'Answer: Hello.', 'You: from the first', 'Answer: One moment.'];
    await untilShown(second, ...both, 'You: from the second', 'Answer: Second.');
    await untilShown(first, ...both, 'You: from the second', 'Answer: Second.');
    expect(model.requests[2]?.messages).toHaveLength(5); // the second was answered with the first in view
    expect(complaints).toEqual([]);
  });

  test('shows markup of messages and titles as text', async () => {
    const payload = '<img src=x onerror="document.title=1"><script>document.title=1</script><b>bold</b>';
    const page = await start({ model: scriptedModel(payload) });
    await say(page, payload);
    await untilShown(page, `You: ${payload}`, `Answer: ${payload}`);
    await untilIdle(page);
    await page.reload();
    await untilShown(page, `You: ${payload}`, `Answer: ${payload}`);
    expect(await page.locator('article :is(img, script, b), nav :is(img, script, b)').count()).toBe(0);
    expect(await page.getByRole('link').textContent()).toBe(payload.slice(0, 60));
    expect(await page.title()).toBe('Chat');
    expect(complaints).toEqual([]);
  });

  test('runs no script that gets into it nevertheless', async () => {
    const page = await start();
    await page.evaluate(() => {
      document.body.insertAdjacentHTML('beforeend', '<img src="data:," onerror="document.title = \'run\'">');
      const script = document.createElement('script');
      script.textContent = 'document.title = "run"';
      document.body.append(script);
    });
    await page.evaluate(() => new Promise(requestAnimationFrame));
    expect(await page.title()).toBe('Chat');
  });

  test('says what went wrong, and gives the message back', async () => {
    const page = await start();
    await say(page, 'hello');
    await untilIdle(page);
    const id = new URL(page.url()).hash.slice(1);
    await app?.ai.sessions.delete(id);
    await say(page, 'are you there?');
    await page.getByRole('status').getByText('There is no session').waitFor();
    expect(await page.getByLabel('Message', { exact: true }).inputValue()).toBe('are you there?');
    await untilShown(page, 'You: hello', 'Answer: Hello! What is your name?');
    await untilIdle(page);
    expect(complaints).toEqual([]);
  });

  test('says when the connection is lost; the answer is there after a reload', async () => {
    const { entry, open } = waitingModel();
    const page = await start({ model: scriptedModel(entry) });
    await say(page, 'hello');
    await untilShown(page, 'You: hello', 'Answer: One ');
    app?.cutConnections();
    await page.getByRole('status').getByText('The connection was lost.').waitFor();
    expect(await page.getByLabel('Message', { exact: true }).inputValue()).toBe('');
    open();
    await page.reload();
    await untilShown(page, 'You: hello', 'Answer: One moment.');
    expect(complaints).toEqual([]);
  });

  test('names its parts, and fits a phone', async () => {
    const page = await start();
    await say(page, `a long ${'word'.repeat(100)}`);
    await untilIdle(page);
    await page.getByRole('log', { name: 'Messages' }).waitFor();
    await page.getByRole('navigation', { name: 'Your chats' }).waitFor();
    await page.setViewportSize({ width: 320, height: 560 });
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width).toBe(320);
    expect(await page.getByRole('button', { name: 'Send' }).isVisible()).toBe(true);
  });

  test('takes the screenshot of the README', async () => {
    const page = await start();
    for (const [message, answer] of [
      ['Hello!', 'Hello! What is your name?'],
      ['My name is Ada, and my favourite colour is green.', 'I will remember that your favourite colour is green.'],
      ['What do you know about me?', 'Your name is Ada. Your favourite colour is green.'],
    ] as const) {
      await say(page, message);
      await page.locator('article.model').getByText(answer).waitFor();
      await untilIdle(page);
    }
    await page.getByRole('button', { name: 'New chat' }).click();
    await say(page, 'What can you do?');
    await untilIdle(page);
    await page.getByRole('link', { name: 'Hello!' }).click();
    await page.getByRole('heading', { name: 'Hello!' }).waitFor();
    await page.locator('article.model').last().waitFor();
    const path = process.env.SCREENSHOT === '1' ? { path: join(import.meta.dirname, '..', 'screenshot.png') } : {};
    const image = await page.screenshot(path);
    expect(image.byteLength).toBeLessThan(150_000);
  });
});
