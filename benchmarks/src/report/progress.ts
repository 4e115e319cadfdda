/** What is under way: in a terminal on a line that is overwritten, elsewhere not at all. */
export class Progress {
  #isShown = false;

  show(text: string): void {
    if (!process.stdout.isTTY) return;
    process.stdout.write(`\r\x1b[2K${text} …`);
    this.#isShown = true;
  }

  say(text: string): void {
    if (this.#isShown) process.stdout.write('\r\x1b[2K');
    this.#isShown = false;
    console.log(text);
  }
}
