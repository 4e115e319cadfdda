export { type ChatCall, ChatServer, type Reply } from './chat-server.ts';
export { askForTools, cutAfter, endWithoutFinish, hangAfter, refuse, say } from './replies.ts';
