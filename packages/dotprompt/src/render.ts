import { type MessageData, type Part, type PromptContext, toStored } from '@sess/core';
import { Dotprompt, type Part as RenderedPart } from 'dotprompt';
import type { HelperOptions } from 'handlebars';
import { fileError, messageOf } from './file-error.ts';
import { guard, guardTemplate, MARKER, unguard } from './guard.ts';
import type { Template } from './template.ts';

/** Makes the messages of a prompt. */
export type Render = (context: PromptContext) => Promise<MessageData[]>;

const library = new Dotprompt({
  // The library's own would compare values as they are guarded.
  helpers: {
    ifEquals(a: unknown, b: unknown, { fn, inverse }: HelperOptions) {
      return isSame(a, b) ? fn(this) : inverse(this);
    },
    unlessEquals(a: unknown, b: unknown, { fn, inverse }: HelperOptions) {
      return isSame(a, b) ? inverse(this) : fn(this);
    },
  },
});

/** Whether two values are the same, as they were before they were guarded. */
function isSame(a: unknown, b: unknown): boolean {
  const [one, other] = [a, b].map((value) => (typeof value === 'string' ? unguard(value) : value));
  return one === other;
}

/**
 * Makes a template, and the partials that it may use, into a function. That rejects with INVALID_ARGUMENT for what
 * cannot be rendered, and NOT_SERIALIZABLE for an input that is no JSON.
 */
export async function compileTemplate(template: Template, partials: ReadonlyMap<string, Template>): Promise<Render> {
  const { path, line } = template;
  const render = await library.compile({ template: guardTemplate(inlined(partials) + template.text) });

  return async ({ state, input }) => {
    const values = { input: guard(toStored(input, 'input')), context: { state: guard(state) } };
    try {
      const { messages } = await render(values);
      return messages.map(({ role, content }) => ({ role, content: content.map(toPart) }));
    } catch (cause) {
      throw fileError(path, line, `It cannot be rendered: ${messageOf(cause)}.`, cause);
    }
  };
}

/** The partials as parts of the template: the library has but one list of partials for all folders of a process. */
function inlined(partials: ReadonlyMap<string, Template>): string {
  return Array.from(partials, ([name, { text }]) => `{{#*inline ${JSON.stringify(name)}}}${text}{{/inline}}`).join('');
}

function toPart({ text = '', media }: RenderedPart): Part {
  // What the library makes of a url that has no value, or a line break.
  const isMisread = media ? media.url === 'undefined' || !/^\S+$/.test(media.url) : text.includes(MARKER);
  if (isMisread) throw new TypeError('media have no url, or one with a space in it');
  if (media === undefined) return { text: unguard(text) };
  const { url, contentType } = media;
  return { media: { url: unguard(url), ...(contentType && { contentType: unguard(contentType) }) } };
}
