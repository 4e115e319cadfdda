import { type ParseArgsConfig, parseArgs } from 'node:util';

type OptionsConfig = NonNullable<ParseArgsConfig['options']>;
type Values<T extends OptionsConfig> = ReturnType<typeof parseArgs<{ args: string[]; options: T }>>['values'];

/** The command line cannot be understood; the message says why. */
export class UsageError extends Error {}

/** The values of the options. Throws a UsageError of one sentence. */
export function parseCommandLine<T extends OptionsConfig>(args: string[], options: T): Values<T> {
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    const [firstSentence] = (error as Error).message.split('. ');
    throw new UsageError(`${firstSentence?.replace(/\.$/, '')}.`);
  }
}
