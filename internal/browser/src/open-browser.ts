import { type Browser, chromium } from 'playwright-core';
import { chromiumProgram } from './chromium-program.ts';

/** Starts a headless Chromium. Whoever opens it closes it. Rejects with NoServer where there is none. */
export async function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: await chromiumProgram() });
}
