import type { Writable } from 'node:stream';
import { isTerminal } from './is-terminal.ts';

type Environment = Readonly<Record<string, string | undefined>>;
type Paint = (text: string) => string;

/** Ways to mark text on a screen; each returns the text as it is where no colour is wanted. */
export interface Colours {
  readonly bold: Paint;
  readonly red: Paint;
  readonly yellow: Paint;
  readonly green: Paint;
  readonly inverse: Paint;
}

const paint =
  (start: number, end: number): Paint =>
  (text) =>
    `\u001b[${start}m${text}\u001b[${end}m`;
const plain: Paint = (text) => text;
const COLOURED: Colours = {
  bold: paint(1, 22),
  red: paint(31, 39),
  yellow: paint(33, 39),
  green: paint(32, 39),
  inverse: paint(7, 27),
};
/** Marks nothing. */
export const PLAIN: Colours = { bold: plain, red: plain, yellow: plain, green: plain, inverse: plain };

/** Colours for a terminal, unless NO_COLOR is set (https://no-color.org) or TERM is dumb; for anything else none. */
export function colours(stream: Writable, env: Environment): Colours {
  const wanted = isTerminal(stream) && !env.NO_COLOR && env.TERM !== 'dumb';
  return wanted ? COLOURED : PLAIN;
}
