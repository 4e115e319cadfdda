interface Trial {
  where: string;
  what: string;
  seconds: number;
  passed: boolean;
}

/** What was tried, how it went, and how long it took. Each is printed when it ends, and all of them as a table. */
export class Trials {
  readonly #all: Trial[] = [];
  #abandoned = false;

  /** Runs one trial. It has failed if it resolves to `false` or throws; the message is shown. */
  async run(where: string, what: string, trial: () => Promise<unknown>): Promise<boolean> {
    if (this.#abandoned) return false;
    const start = performance.now();
    const passed = await trial().then(
      (result) => result !== false,
      (error: Error) => {
        console.error(error.message);
        return false;
      },
    );
    this.#all.push({ where, what, seconds: (performance.now() - start) / 1000, passed });
    console.log(`${passed ? 'passed' : 'FAILED'}  ${where}: ${what}`);
    return passed;
  }

  /** From now on every trial fails without being run. */
  abandon(): void {
    this.#abandoned = true;
  }

  get failed(): boolean {
    return this.#abandoned || this.#all.length === 0 || this.#all.some(({ passed }) => !passed);
  }

  print(): void {
    const header = ['where', 'what', 'seconds', 'result'];
    const body = this.#all.map(({ where, what, seconds, passed }) => {
      return [where, what, seconds.toFixed(1), passed ? 'passed' : 'FAILED'];
    });
    const widths = header.map((_, column) =>
      Math.max(...[header, ...body].map((cells) => (cells[column] ?? '').length)),
    );
    for (const cells of [header, widths.map((width) => '-'.repeat(width)), ...body]) {
      const padded = cells.map((cell, column) => {
        const width = widths[column] ?? 0;
        return column === 2 ? cell.padStart(width) : cell.padEnd(width);
      });
      console.log(padded.join('  ').trimEnd());
    }
  }
}
