import Handlebars from 'handlebars';
import { fileError, messageOf } from './file-error.ts';
import type { Section } from './split-file.ts';

/** A template that is known to be one. */
export interface Template extends Section {
  /** For errors. */
  readonly path: string;
  readonly program: hbs.AST.Program;
}

const roles: readonly string[] = ['system', 'user', 'model', 'tool'];

/** What the library adds to Handlebars. */
const knownHelpers = {
  role: true,
  history: true,
  media: true,
  section: true,
  json: true,
  ifEquals: true,
  unlessEquals: true,
};

/** Throws INVALID_ARGUMENT for what is no Handlebars template, and where it uses a helper that there is not. */
export function parseTemplate(path: string, { text, line }: Section): Template {
  try {
    const program = Handlebars.parse(text);
    Handlebars.precompile(program, { knownHelpers, knownHelpersOnly: true });
    return { path, text, line, program };
  } catch (cause) {
    const message = messageOf(cause);
    const [, helper] = /unknown helper (.*) - \d+:\d+$/.exec(message) ?? [];
    const problem = helper
      ? `There is no helper ${JSON.stringify(helper)}.`
      : `The template has a syntax error: ${message.split('\n').at(-1)}`;
    throw fileError(path, line - 1 + lineOf(cause), problem, cause);
  }
}

/** The names of the partials that a template defines itself. */
export function inlinePartials({ program }: Template): string[] {
  const names: string[] = [];
  class Inlines extends Handlebars.Visitor {
    override DecoratorBlock(block: hbs.AST.DecoratorBlock): void {
      for (const param of block.params) if (isLiteral(param)) names.push(param.value);
      super.DecoratorBlock(block);
    }
  }
  new Inlines().accept(program);
  return names;
}

/**
 * Throws INVALID_ARGUMENT for what a template cannot mean: a partial or a role that there is not, media without a URL,
 * sections, which nobody would fill, and a conversation that something follows, since it follows the prompt.
 */
export function checkTemplate(
  { path, line, program }: Template,
  partials: ReadonlySet<string>,
  isPartial: boolean,
): void {
  const last = isPartial ? undefined : program.body.findLast((statement) => !isBlank(statement));
  const fail = ({ loc }: hbs.AST.Node, problem: string) => {
    throw fileError(path, line - 1 + loc.start.line, problem);
  };
  class Check extends Handlebars.Visitor {
    override PartialStatement(partial: hbs.AST.PartialStatement): void {
      const name = nameOf(partial.name);
      if (name !== undefined && !partials.has(name)) fail(partial, `There is no partial ${JSON.stringify(name)}.`);
      super.PartialStatement(partial);
    }

    override MustacheStatement(mustache: hbs.AST.MustacheStatement): void {
      const [param] = mustache.params;
      const helper = nameOf(mustache.path);
      // The library drops what follows another one.
      if (helper === 'role' && !(param && isLiteral(param) && roles.includes(param.value))) {
        fail(mustache, `A role must be one of ${roles.map((role) => `"${role}"`).join(', ')}.`);
      }
      if (helper === 'media' && !mustache.hash?.pairs.some(({ key }) => key === 'url')) {
        fail(mustache, 'Media need a url: {{media url=...}}.');
      }
      if (helper === 'section') fail(mustache, '{{section}} is not supported.');
      if (helper === 'history' && mustache !== last) {
        fail(mustache, '{{history}} must stand at the very end of a prompt: the conversation follows the prompt.');
      }
      super.MustacheStatement(mustache);
    }
  }
  new Check().accept(program);
}

/** Whether a prompt begins with a system message. */
export function startsWithSystem({ program }: Template): boolean {
  const first = program.body.find((statement) => !isBlank(statement));
  if (first?.type !== 'MustacheStatement') return false;
  const { path, params } = first as hbs.AST.MustacheStatement;
  const [role] = params;
  return nameOf(path) === 'role' && role !== undefined && isLiteral(role) && role.value === 'system';
}

function isBlank(statement: hbs.AST.Statement): boolean {
  if (statement.type === 'CommentStatement') return true;
  return statement.type === 'ContentStatement' && (statement as hbs.AST.ContentStatement).value.trim() === '';
}

/** What a path or a literal says; undefined for an expression. */
function nameOf(expression: hbs.AST.Expression): string | undefined {
  return 'original' in expression ? String(expression.original) : undefined;
}

function isLiteral(expression: hbs.AST.Expression): expression is hbs.AST.StringLiteral {
  return expression.type === 'StringLiteral';
}

function lineOf(error: unknown): number {
  const { lineNumber } = error as { lineNumber?: number };
  return lineNumber ?? Number(/ on line (\d+)/.exec(messageOf(error))?.[1] ?? 1);
}
