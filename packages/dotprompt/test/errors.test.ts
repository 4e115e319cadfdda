import { join } from 'node:path';
import { type Sess, SessError, sess } from '@sess/core';
import { scriptedModel } from '@sess/core/testing';
import { loadPrompts } from '@sess/dotprompt';
import { describe, expect, test } from 'vitest';
import { promptFolder } from './prompt-folder.ts';

/** The message of what loading these files rejects with, without the folder. */
async function refusal(files: Record<string, string | Uint8Array>, ai: Sess = sess()): Promise<string> {
  const folder = await promptFolder(files);
  return messageOf(() => loadPrompts(ai, folder), folder);
}

async function messageOf(run: () => Promise<unknown>, folder: string): Promise<string> {
  const error = await run().catch((thrown: unknown) => thrown);
  if (!SessError.is(error, 'INVALID_ARGUMENT')) throw new Error('INVALID_ARGUMENT was expected.', { cause: error });
  return error.message.replace(join(folder, '/'), '');
}

describe('a folder that cannot be read', () => {
  test('is named', async () => {
    const folder = await promptFolder({});
    expect(await messageOf(() => loadPrompts(sess(), join(folder, 'none')), folder)).toMatch(
      /^The folder none cannot be read/,
    );
  });

  test('for a file in it: what has its name is a folder, or it is no text', async () => {
    expect(await refusal({ 'p.prompt/x.txt': '' })).toMatch(/^p\.prompt:1: The file cannot be read/);
    expect(await refusal({ 'p.prompt': new Uint8Array([0x48, 0xff]) })).toMatch(
      /^p\.prompt:1: The file cannot be read/,
    );
  });
});

describe('file and line are named for', () => {
  test.each<[string, string, RegExp | string]>([
    ['a front matter without an end', '\n---\nmodel: x\n', 'p.prompt:2: The front matter is not closed'],
    [
      'a front matter that is no YAML',
      '---\nmodel: x\nconfig: [1\n---\nHi',
      /^p\.prompt:\d: The front matter is not YAML/,
    ],
    ['a key that is there twice', '---\nconfig:\n  a: 1\n  a: 2\n---\nHi', 'p.prompt:4: The front matter is not YAML'],
    [
      'a key that is not known',
      '---\r\nconfig: {}\r\ntool: [a]\r\n---\r\nHi',
      'p.prompt:3: The front matter does not fit: tool',
    ],
    [
      'a value of a wrong kind',
      '---\n\nconfig: {}\n\nmaxTurns: 0\n---\nHi',
      'p.prompt:5: The front matter does not fit: maxTurns',
    ],
    [
      'an item of a wrong kind',
      '---\ntools:\n  - clock\n  - 7\n---\nHi',
      'p.prompt:4: The front matter does not fit: tools.1',
    ],
    ['a front matter that is a list', '---\n- a\n---\nHi', 'p.prompt:2: The front matter does not fit: must be object'],
    [
      'a form of output that there is not',
      '---\noutput:\n  format: xml\n---\nHi',
      'p.prompt:3: The front matter does not fit',
    ],
    ['a schema that is none', '---\ninput:\n  schema:\n    a: text\n---\nHi', 'p.prompt:3: The schema is none'],
    [
      'a JSON Schema that is none',
      '---\noutput:\n  schema: { type: object, required: 7 }\n---\nHi',
      'p.prompt:3: The schema is none',
    ],
    [
      'a model that is not known',
      '---\nconfig: {}\nmodel: test/none\n---\nHi',
      'p.prompt:3: There is no model "test/none"',
    ],
    ['a tool that is not known', '---\ntools: [\n  clock,\n  none]\n---\nHi', 'p.prompt:4: There is no tool "none"'],
    [
      'a block that is not closed',
      '---\nmodel: m\n---\n\nHi\n{{#if x}}\nBye',
      /^p\.prompt:7: The template has a syntax error/,
    ],
    [
      'a block that another one closes',
      '---\n---\n{{#if x}}\n{{/each}}',
      'p.prompt:3: The template has a syntax error: if',
    ],
    ['a helper that is not known', 'Hi\n{{shout name}}', 'p.prompt:2: There is no helper "shout"'],
    ['sections', '---\n---\nHi\n{{section "code"}}', 'p.prompt:4: {{section}} is not supported'],
    [
      'a partial that is not known',
      '---\nmodel: m\n---\n{{#if x}}\n  {{> none}}\n{{/if}}',
      'p.prompt:5: There is no partial "none"',
    ],
    [
      'a role that is not known',
      'Hi\n{{role "sytem"}}',
      'p.prompt:2: A role must be one of "system", "user", "model", "tool"',
    ],
    ['a role that is missing', 'Hi\n{{role}}', 'p.prompt:2: A role must be one of'],
    ['a role that data choose', 'Hi\n{{role r}}', 'p.prompt:2: A role must be one of'],
    ['media without a URL', 'Hi\n\n{{media contentType="x"}}', 'p.prompt:3: Media need a url'],
    [
      'text behind the history',
      '{{role "system"}}Hi\n{{history}}\n{{role "user"}}{{q}}',
      'p.prompt:2: {{history}} must stand',
    ],
    ['a history within a block', '{{#if x}}\n{{history}}{{/if}}', 'p.prompt:2: {{history}} must stand'],
  ])('%s', async (_, text, expected) => {
    const model = scriptedModel();
    const ai = sess({ models: (name) => (name === 'm' ? model : undefined) });
    ai.defineTool({ name: 'clock', description: '' }, () => 'noon');
    const message = await refusal({ 'p.prompt': text }, ai);
    if (typeof expected === 'string') expect(message.slice(0, expected.length)).toBe(expected);
    else expect(message).toMatch(expected);
  });

  test('what is wrong in a partial', async () => {
    const with_ = (partial: string) => refusal({ 'p.prompt': 'Hi', 'team/_a.prompt': partial });
    expect(await with_('a\n{{#if}')).toMatch(/^team\/_a\.prompt:2: The template has a syntax error/);
    expect(await with_('a\n{{> none}}')).toMatch(/^team\/_a\.prompt:2: There is no partial "none"/);
    expect(await with_('{{history}}')).toMatch(/^team\/_a\.prompt:1: {{history}} must stand/);
    expect(await with_('---\nmodel: m\n---\na')).toMatch(/^team\/_a\.prompt:1: A partial has no front matter/);
  });

  test('a name that is taken', async () => {
    const ai = sess();
    ai.definePrompt({ name: 'p' });
    expect(await refusal({ 'p.prompt': 'Hi' }, ai)).toBe('p.prompt:1: "p" is defined already.');
  });
});

describe('when a prompt is rendered, file and line are named for', () => {
  const failing = async (text: string, input?: Record<string, unknown>, files: Record<string, string> = {}) => {
    const folder = await promptFolder({ 'p.prompt': text, ...files });
    const prompts = await loadPrompts(sess(), folder);
    return messageOf(() => prompts.get('p').render(input), folder);
  };

  test('an input that does not fit', async () => {
    const text = '---\nconfig: {}\ninput:\n  schema:\n    topic: string\n---\n{{topic}}';
    expect(await failing(text, { topic: 7 })).toBe('p.prompt:4: The input of prompt "p" does not fit: input.topic.');
    expect(await failing(text)).toBe('p.prompt:4: The input of prompt "p" does not fit: input.topic.');
    expect(await failing(text, { topic: 'a', other: 1 })).toContain('input.other');
    const names = '---\ninput:\n  schema:\n    toString: string\n    constructor?: string\n---\nHi';
    expect(await failing(names, {})).toBe('p.prompt:3: The input of prompt "p" does not fit: input.toString.');
    expect(await failing('Hi', 'text' as never)).toBe('p.prompt:1: The input of prompt "p" does not fit: input.');
  });

  test('media without a URL', async () => {
    for (const url of [undefined, '', 'data:,a\nb']) {
      expect(await failing('\n{{media url=u}}', { u: url })).toMatch(/^p\.prompt:2: It cannot be rendered: media/);
    }
  });

  test('a partial that is chosen by data and is not there', async () => {
    expect(await failing('{{> (lookup . "kind")}}', { kind: 'none' })).toMatch(/^p\.prompt:1: It cannot be rendered/);
  });

  test('a partial that ends in itself', async () => {
    expect(await failing('{{> a}}', {}, { '_a.prompt': '{{> a}}' })).toMatch(/^p\.prompt:1: It cannot be rendered/);
  });

  test('an object as text', async () => {
    expect(await failing('{{o}}', { o: { a: 1 } })).toMatch(/^p\.prompt:1: It cannot be rendered/);
  });
});

test('an input that is no JSON is NOT_SERIALIZABLE', async () => {
  const prompts = await loadPrompts(sess(), await promptFolder({ 'p.prompt': 'Hi' }));
  await expect(prompts.get('p').render({ f: () => 1 })).rejects.toMatchObject({ code: 'NOT_SERIALIZABLE' });
});
