import type { Chat, Sess, Session, Turn } from '@sess/core';
import { describeSession } from './describe-session.ts';
import type { Terminal } from './terminal.ts';

/** What the console keeps in a session's state. */
export interface ChatState {
  /** The thread that was last talked in. */
  thread?: string;
}

/** The session and the thread that one is in, and the answer that is under way. */
export class Conversation {
  readonly ai: Sess;
  readonly #terminal: Terminal;
  #session: Session<ChatState>;
  #chat: Chat<ChatState>;
  #turn: Turn | undefined;

  /** Begins with a new session, which is stored with its first message. */
  constructor(ai: Sess, terminal: Terminal) {
    this.ai = ai;
    this.#terminal = terminal;
    this.#session = ai.createSession<ChatState>();
    this.#chat = this.#session.chat();
  }

  get session(): Session<ChatState> {
    return this.#session;
  }

  get thread(): string {
    return this.#chat.thread;
  }

  startNew(): void {
    this.#session = this.ai.createSession<ChatState>();
    this.#chat = this.#session.chat();
  }

  /** Rejects with NOT_FOUND where there is no such session. */
  async goOnWith(sessionId: string): Promise<void> {
    const session = await this.ai.loadSession<ChatState>(sessionId);
    this.#session = session;
    this.#chat = session.chat(session.state?.thread ?? 'main');
  }

  async switchThread(thread: string): Promise<void> {
    const chat = this.#session.chat(thread);
    await this.#session.updateState({ thread });
    this.#chat = chat;
  }

  /** Says which session and thread this is, and what can be done about an answer that was left open. */
  async announce(): Promise<void> {
    for (const line of await describeSession(this.ai, this.#chat)) this.#terminal.print(line);
  }

  /** Sends a message, and prints the answer as it comes. */
  async say(text: string): Promise<void> {
    await this.#print(this.#chat.send(text));
  }

  /** Has the answer finished that another process left open. */
  async finishOpenTurn(): Promise<void> {
    await this.#print(this.#chat.resume());
  }

  /** Removes the question whose answer was left open. Resolves whether there was one. */
  discardOpenTurn(): Promise<boolean> {
    return this.#chat.discard();
  }

  /** Aborts the answer that is under way. Returns whether there was one. */
  interrupt(): boolean {
    this.#turn?.abort();
    return this.#turn !== undefined;
  }

  async #print(turn: Turn): Promise<void> {
    this.#turn = turn;
    let hasPrinted = false;
    try {
      for await (const { text } of turn) {
        this.#terminal.write(text);
        hasPrinted = true;
      }
    } finally {
      this.#turn = undefined;
      if (hasPrinted) this.#terminal.print('');
    }
  }
}
