/** How the time passes for cases about expiry: by the target's clock where it takes one, else by waiting for it. */
export interface RunTime {
  /** Whether a clock is handed to the store, so that times are exact. */
  readonly exact: boolean;
  /** Passed to the store. */
  readonly clock?: () => number;
  /** In ms since the epoch. */
  now(): number;
  /** Resolves once that time has come. */
  until(time: number): Promise<void>;
}

/** A clock of the kit's own, which only moves when a case says so. It starts at the present, whole ms. */
export function virtualTime(): RunTime {
  let now = Date.now();
  return {
    exact: true,
    clock: () => now,
    now: () => now,
    async until(time) {
      now = Math.max(now, Math.ceil(time));
    },
  };
}

/** The process's clock. */
export const realTime: RunTime = {
  exact: false,
  now: Date.now,
  async until(time) {
    for (let left = time - Date.now(); left > 0; left = time - Date.now()) {
      await new Promise((resolve) => setTimeout(resolve, Math.min(left + 1, 1000)));
    }
  },
};
