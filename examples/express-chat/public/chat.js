// The page. Which session is open stands in the address (#ID), so that a reload comes back to it.
// Text of messages becomes text nodes only; none of it is ever read as HTML.
import { ask, listen } from './server.js';

const byId = (id) => document.getElementById(id);
const openId = () => decodeURIComponent(location.hash.slice(1));
const pathOf = (id, rest = '') => `/sessions/${encodeURIComponent(id)}${rest}`;

let latest = 0; // counts what the page was asked to show: what finds it changed has been overtaken
let earlier; // the index to go on with for older messages

/** The failures after which the message is stored, or may be. */
const keptAfter = ['MODEL_FAILED', 'TOOL_FAILED', 'LIMIT_REACHED', 'CUT_OFF'];

byId('sign-in').addEventListener('submit', async (event) => {
  event.preventDefault();
  const { name, password } = Object.fromEntries(new FormData(event.target));
  try {
    await ask('POST', '/sign-in', { name, password });
    event.target.reset();
    byId('sign-in-problem').textContent = '';
    await start();
  } catch (error) {
    byId('sign-in-problem').textContent = error.message;
  }
});
byId('send').addEventListener('submit', (event) => {
  event.preventDefault();
  const message = byId('message').value;
  if (message.trim() === '' || !byId('stop').hidden) return;
  byId('message').value = '';
  attempt(() => say(message));
});
byId('message').addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  byId('send').requestSubmit();
});
onClick('sign-out', async () => {
  await ask('POST', '/sign-out');
  location.assign('/');
});
onClick('new', () => {
  location.hash = '';
  byId('message').focus();
});
onClick('more', ({ target }) => showSessions(target.dataset.cursor));
onClick('earlier', () => showMessages(earlier));
onClick('stop', () => {
  byId('message').focus();
  return ask('POST', pathOf(openId(), '/stop'));
});
onClick('reset', async () => {
  if (!confirm('Remove all messages of this chat?')) return;
  await ask('POST', pathOf(openId(), '/reset'));
  await open();
});
onClick('delete', async () => {
  if (!confirm('Delete this chat?')) return;
  await ask('DELETE', pathOf(openId()));
  location.hash = '';
  await showSessions();
});
addEventListener('hashchange', () => attempt(open));
attempt(start);

/** Shows the chats to who is signed in, and else the form to do so. */
async function start() {
  const user = await ask('GET', '/me').catch((error) => {
    if (error.code !== 'UNAUTHENTICATED') byId('sign-in-problem').textContent = error.message;
  });
  byId('sign-in').hidden = user !== undefined;
  byId('app').hidden = user === undefined;
  if (user === undefined) return;
  byId('user').textContent = user.name;
  await Promise.all([open(), showSessions()]);
}

/** Opens the session that stands in the address; without one, a new one. */
async function open() {
  latest += 1;
  showAnswering(false);
  byId('messages').replaceChildren();
  markOpen();
  byId('earlier').hidden = true;
  if (openId() !== '') await showStored(latest);
}

/** Sends a message. That of a new chat opens its session, as soon as the server has told its id. */
async function say(message) {
  latest += 1;
  const now = latest;
  const shown = showMessage({ role: 'user', text: message });
  showAnswering(true);
  try {
    await read(now, await listen('POST', '/chat', { message, sessionId: openId() || undefined }));
  } catch (error) {
    if (now !== latest) return;
    showAnswering(false);
    if (!keptAfter.includes(error.code)) {
      shown.remove();
      byId('message').value ||= message;
    }
    if (openId() !== '') await showMessages().catch(() => {}); // what is told is the first error
    throw error;
  }
  if (now !== latest) return;
  await showSessions();
  await showStored(now);
}

/** Shows an answer as it comes. Resolves whether there was one. */
async function read(now, events) {
  let answer;
  let hasStarted = false;
  try {
    for await (const { event, data } of events) {
      if (now !== latest) return false; // the answer is made nevertheless
      if (event === 'start') {
        hasStarted = true;
        if (openId() === '') history.replaceState(null, '', `#${encodeURIComponent(data.sessionId)}`);
        showAnswering(true);
      }
      if (event === 'chunk') {
        answer ??= showMessage({ role: 'model', text: '', isBusy: true });
        answer.lastChild.append(data.text);
        scrollDown();
      }
    }
  } catch (error) {
    if (error.code !== 'ABORTED') throw error;
  } finally {
    answer?.removeAttribute('aria-busy');
    if (now === latest) showAnswering(false);
  }
  return hasStarted;
}

/** Shows the session as it is stored, with what other tabs have said; and the answers that are being made there. */
async function showStored(now) {
  // Asked for first, so that an answer that is finished meanwhile is among the messages.
  const events = await listen('GET', pathOf(openId(), '/answer'));
  if (now !== latest) return;
  await showMessages();
  if (now === latest && (await read(now, events))) await showStored(now);
}

/** The newest messages instead of what is shown; or, with `before`, older ones above it. */
async function showMessages(before) {
  const now = latest;
  const query = before === undefined ? '' : `?before=${before}`;
  const page = await ask('GET', pathOf(openId(), `/messages${query}`));
  if (now !== latest) return;
  const elements = page.messages.map(messageElement);
  if (before === undefined) replaceMessages(elements);
  else byId('messages').prepend(...elements);
  earlier = page.earlier;
  byId('earlier').hidden = earlier === undefined;
}

/** Leaves alone what is shown already: what is new would be read out. */
function replaceMessages(elements) {
  const container = byId('messages');
  container.normalize();
  for (const [index, element] of elements.entries()) {
    const old = container.children[index];
    if (old === undefined) container.append(element);
    else if (!old.isEqualNode(element)) old.replaceWith(element);
  }
  while (container.childElementCount > elements.length) container.lastChild.remove();
  scrollDown();
}

function showMessage(message) {
  const element = messageElement(message);
  byId('messages').append(element);
  scrollDown();
  return element;
}

function messageElement({ role, text, end, isBusy }) {
  const element = document.createElement('article');
  element.className = role;
  if (isBusy) element.setAttribute('aria-busy', 'true'); // read out when it is whole
  const speaker = document.createElement('span');
  speaker.className = 'unseen';
  speaker.textContent = role === 'user' ? 'You: ' : 'Answer: ';
  const words = document.createElement('span');
  words.textContent = text;
  element.append(speaker, words);
  if (end !== undefined) {
    const note = document.createElement('small');
    note.textContent = end === 'aborted' ? 'Stopped.' : 'This answer broke off.';
    element.append(note);
  }
  return element;
}

/** The user's chats, the newest first; with a cursor, the next ones below. */
async function showSessions(cursor) {
  const query = cursor === undefined ? '' : `?cursor=${encodeURIComponent(cursor)}`;
  const page = await ask('GET', `/sessions${query}`);
  const items = page.sessions.map(({ id, title, updatedAt }) => {
    const item = document.createElement('li');
    const link = document.createElement('a');
    link.href = `#${encodeURIComponent(id)}`;
    link.textContent = title ?? 'Untitled';
    link.title = new Date(updatedAt).toLocaleString();
    item.append(link);
    return item;
  });
  if (cursor === undefined) byId('sessions').replaceChildren(...items);
  else byId('sessions').append(...items);
  byId('more').hidden = page.cursor === undefined;
  byId('more').dataset.cursor = page.cursor ?? '';
  markOpen();
}

/** Says which of the chats is shown. */
function markOpen() {
  const links = [...byId('sessions').querySelectorAll('a')];
  for (const link of links) link.removeAttribute('aria-current');
  const current = links.find(({ hash }) => hash !== '' && hash === location.hash);
  current?.setAttribute('aria-current', 'page');
  byId('title').textContent = current?.textContent ?? (openId() === '' ? 'New chat' : 'Chat');
  byId('reset').hidden = byId('delete').hidden = openId() === '';
}

function showAnswering(isAnswering) {
  byId('stop').hidden = !isAnswering;
  byId('send').querySelector('.primary').hidden = isAnswering;
  report(isAnswering ? 'Answering …' : '');
}

function scrollDown() {
  byId('scroll').scrollTop = byId('scroll').scrollHeight;
}

function report(text, isProblem = false) {
  byId('status').textContent = text;
  byId('status').classList.toggle('problem', isProblem);
}

function onClick(id, action) {
  byId(id).addEventListener('click', (event) => attempt(() => action(event)));
}

/** Does something, and says what goes wrong with it. */
async function attempt(action) {
  try {
    await action();
  } catch (error) {
    if (error.code === 'UNAUTHENTICATED') location.reload();
    report(error.message, true);
  }
}
