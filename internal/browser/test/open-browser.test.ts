import { openBrowser } from '@sess/browser/open-browser';
import { NoServer, serverOrReason } from '@sess/test-servers/no-server';
import { describe, expect, test, vi } from 'vitest';

describe('a browser', () => {
  test('renders a page and runs its script', async ({ skip }) => {
    const { server: browser, reason } = await serverOrReason(openBrowser);
    if (browser === undefined) return skip(reason);
    try {
      const page = await browser.newPage();
      await page.setContent('<p>before</p><script>document.querySelector("p").textContent = "after"</script>');
      expect(await page.textContent('p')).toBe('after');
    } finally {
      await browser.close();
    }
  });

  test('is not replaced by another where CHROMIUM_PATH names one that does not exist', async () => {
    vi.stubEnv('CHROMIUM_PATH', '/nowhere/chromium');
    await expect(openBrowser()).rejects.toThrow(NoServer);
    await expect(openBrowser()).rejects.toThrow('CHROMIUM_PATH names /nowhere/chromium, which does not exist');
  });

  test('says why there is none', async () => {
    vi.stubEnv('PATH', '/nowhere');
    vi.spyOn(process, 'getuid').mockReturnValue(1000);
    await expect(openBrowser()).rejects.toThrow(/^No browser: none of chromium, .+ is on PATH; .+\.$/);
  });
});
