/** The outcome of one test, whichever runner ran it. */
export interface TestResult {
  /** The package that the test belongs to. */
  package: string;
  /** Its titles from the outermost suite on, joined by ` > `. */
  name: string;
  state: 'passed' | 'failed' | 'skipped';
  /** With `skipped`: why, where the test said so. */
  reason?: string | undefined;
}
