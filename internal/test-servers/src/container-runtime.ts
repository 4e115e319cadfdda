import type * as Testcontainers from 'testcontainers';

/** How long (ms) a container runtime may take to answer: a command named docker proves nothing. */
const ANSWER_MS = 5_000;

/** Testcontainers, where a container runtime answers; otherwise why not. */
export async function containerRuntime(): Promise<{ containers?: typeof Testcontainers; reason?: string }> {
  let timer: NodeJS.Timeout | undefined;
  try {
    const containers = await import('testcontainers');
    const silence = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${ANSWER_MS / 1000} s`)), ANSWER_MS);
    });
    await Promise.race([containers.getContainerRuntimeClient(), silence]);
    return { containers };
  } catch (error) {
    return { reason: `no container runtime (${(error as Error).message})` };
  } finally {
    clearTimeout(timer);
  }
}
