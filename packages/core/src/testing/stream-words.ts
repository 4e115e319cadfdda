// Taken when this module loads, so that the fake timers of a test do not stop its model.
const { setTimeout, clearTimeout, setImmediate } = globalThis;

/**
 * Hands out `text` word by word, each with the space behind it. Others get to run between two words, so that a reader
 * may abort in mid-answer. Rejects with the signal's reason.
 */
export async function streamWords(
  text: string,
  onWord: (word: string) => void,
  signal: AbortSignal,
  delayMs = 0,
): Promise<void> {
  for (const word of text.match(/\s*\S+\s*/g) ?? []) {
    signal.throwIfAborted();
    onWord(word);
    await pause(delayMs, signal);
  }
  signal.throwIfAborted();
}

function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  if (delayMs === 0 || signal.aborted) return new Promise((resolve) => setImmediate(resolve));
  return new Promise((resolve) => {
    const timer = setTimeout(end, delayMs);
    signal.addEventListener('abort', end);
    function end() {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    }
  });
}
