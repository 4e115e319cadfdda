import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { openBrowser } from '@sess/browser/open-browser';
import { freePorts } from '@sess/test-servers/free-port';
import { serverOrReason } from '@sess/test-servers/no-server';
import { runProgram } from '@sess/test-servers/run-program';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

const docs = join(import.meta.dirname, '..');
let preview: ChildProcess | undefined;
let address: string;
let browser: Browser | undefined;
let reason: string | undefined;

// Rejects where the site cannot be built, and where a link in it leads nowhere.
beforeAll(async () => {
  await runProgram(process.execPath, [join(docs, '..', 'scripts', 'docs.ts')]);
  ({ server: browser, reason } = await serverOrReason(openBrowser));
  if (browser !== undefined) await serve();
}, 300_000);

afterAll(async () => {
  await browser?.close();
  preview?.kill();
});

describe('the site', () => {
  const complaints: string[] = [];
  let page: Page;

  beforeEach(async ({ skip }) => {
    if (browser === undefined) return skip(reason);
    complaints.length = 0;
    page = await browser.newPage();
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(`${message.text()} ${message.location().url}`);
    });
  });

  test('finds a page by a word of it, and opens it', async () => {
    await page.goto(address, { waitUntil: 'networkidle' });
    await page.keyboard.press('Control+k');
    await page.fill('.search-input', 'NOT_SERIALIZABLE');
    const result = page.locator('.results .result').filter({ hasText: 'Errors' }).first();
    await result.click();
    await page.waitForURL(/\/errors(?:#|$)/);
    expect(await page.textContent('main h1')).toContain('Errors');
    expect(await page.textContent('main')).toContain('NOT_SERIALIZABLE');
    expect(complaints).toEqual([]);
  });

  test('shows what a function is for, its types and its example', async () => {
    await page.goto(`${address}/api/@sess/core/functions/sess`, { waitUntil: 'networkidle' });
    expect(await page.textContent('main h1')).toContain('sess()');
    const text = await page.textContent('main');
    expect(text).toContain('Where everything starts');
    expect(text).toContain("import { sess } from '@sess/core'");
    expect(await page.locator('main a', { hasText: 'SessOptions' }).first().getAttribute('href')).toMatch(
      /SessOptions$/,
    );
    expect(complaints).toEqual([]);
  });

  test('goes from the home page to the page of a package, and from there to a guide', async () => {
    await page.goto(address, { waitUntil: 'networkidle' });
    await page.locator('main a', { hasText: '@sess/core' }).first().click();
    await page.waitForURL(/\/packages\/core\/$/);
    await page.locator('main a[href="/errors"]').click();
    await page.waitForURL(/\/errors$/);
    expect(complaints).toEqual([]);
  });
});

async function serve(): Promise<void> {
  const [port = 0] = await freePorts(1);
  const site = join(docs, 'site');
  preview = spawn(join(site, 'node_modules', '.bin', 'vitepress'), ['preview', site, '--port', String(port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = await once(preview.stdout as NonNullable<ChildProcess['stdout']>, 'data');
  if (!String(said).includes('served')) throw new Error(String(said));
  address = `http://localhost:${port}`;
}
