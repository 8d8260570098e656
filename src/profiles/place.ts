import { AwsroleError } from '../errors.ts';
import { printable } from './printable.ts';

/** Where something stands: a property, a section, a problem. */
export interface Place {
  readonly file: string;
  /** 1-based; 0 when `file` is no file but the flag that says it, such as `--region`. */
  readonly line: number;
}

/** `FILE:LINE`, or the flag. */
export function placeText({ file, line }: Place): string {
  return line === 0 ? printable(file) : `${printable(file)}:${line}`;
}

/** `FILE:LINE: ` and what is to be said of it. */
export function placed(place: Place, message: string): string {
  return `${placeText(place)}: ${message}`;
}

/** An error whose message begins with `FILE:LINE: `, of kind `configuration`; at a flag, of kind `usage`. */
export function errorAt(place: Place, message: string, hint: string): AwsroleError {
  return new AwsroleError(place.line === 0 ? 'usage' : 'configuration', placed(place, message), { hint });
}

/** What to say of a value that goes on in the next line, where it was not meant to. */
export const CONTINUED = 'the next line is indented, and so a part of this value: do not indent it';
