import { createInterface } from 'node:readline/promises';

/** Where lines come from and answers go: a person at a terminal, or another program through pipes. */
export interface Terminal {
  readonly interactive: boolean;
  /** The lines that are entered, one at a time; a person is asked for each with a prompt. Ends after `close`. */
  lines(): AsyncGenerator<string>;
  write(text: string): void;
  print(line: string): void;
  /** Prints a line about a failure, apart from the answers. */
  complain(line: string): void;
  /** What Ctrl-C does. */
  onInterrupt(handler: () => void): void;
  close(): void;
}

export function openTerminal(): Terminal {
  const { stdin, stdout, stderr } = process;
  const interactive = Boolean(stdin.isTTY && stdout.isTTY);
  const reader = createInterface({ input: stdin, output: stdout, prompt: '> ', terminal: interactive });
  const entered = reader[Symbol.asyncIterator](); // at once, or lines that come early are lost
  // Whoever read the answers is gone: there is nobody left to answer.
  stdout.on('error', () => process.exit(1));

  return {
    interactive,
    async *lines() {
      for (;;) {
        if (interactive) reader.prompt();
        const { done, value } = await entered.next();
        if (done) break;
        yield value;
      }
      if (interactive) stdout.write('\n'); // leaves the line with the prompt
    },
    write: (text) => void stdout.write(text),
    print: (line) => void stdout.write(`${line}\n`),
    complain: (line) => void stderr.write(`${line}\n`),
    onInterrupt(handler) {
      reader.on('SIGINT', handler); // Ctrl-C at a terminal, where it is a key
      process.on('SIGINT', handler); // and elsewhere, where it is a signal
    },
    close: () => reader.close(),
  };
}
