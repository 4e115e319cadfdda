import type { ScriptEntry } from '@sess/core/testing';

/** A promise, and what resolves it. */
export function gate(): { opened: Promise<void>; open: () => void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

/** An answer that begins with "One ", waits for the test, and goes on with "moment.". */
export function waitingModel(): { entry: ScriptEntry; open: () => void } {
  const { opened, open } = gate();
  const entry: ScriptEntry = async (_request, stream) => {
    stream('One ');
    await opened;
    stream('moment.');
    return 'One moment.';
  };
  return { entry, open };
}
