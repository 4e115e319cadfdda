/** No server could be had, and why. Where `CI=true` that is a failure; elsewhere the tests that need it are skipped. */
export class NoServer extends Error {
  constructor(server: string, reasons: readonly string[]) {
    super(`No ${server}: ${reasons.join('; ')}.`);
    this.name = 'NoServer';
  }
}

/** The server, or the reason why there is none. With `CI=true` the reason is thrown. */
export async function serverOrReason<S>(start: () => Promise<S>): Promise<{ server?: S; reason?: string }> {
  try {
    return { server: await start() };
  } catch (error) {
    if (!(error instanceof NoServer) || process.env.CI === 'true') throw error;
    console.warn(`\nSKIPPED, for want of a server. ${error.message}\n`);
    return { reason: error.message };
  }
}
