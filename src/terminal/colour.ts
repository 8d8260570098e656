import type { Writable } from 'node:stream';
import type { Environment } from '../context.ts';

/**
 * Makes text bold where that is wanted: on a terminal, unless NO_COLOR is set (https://no-color.org) or TERM is dumb.
 */
export function bold(stream: Writable, env: Environment): (text: string) => string {
  const colour = 'isTTY' in stream && stream.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
  return colour ? (text) => `\u001b[1m${text}\u001b[22m` : (text) => text;
}
