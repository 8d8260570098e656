import { AwsroleError } from '../errors.ts';
import { printable } from './printable.ts';

/** Where something stands: a property, a section, a problem. */
export interface Place {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
}

/** `FILE:LINE: ` and what is to be said of it. */
export function placed({ file, line }: Place, message: string): string {
  return `${printable(file)}:${line}: ${message}`;
}

/** An error of kind `configuration` whose message begins with `FILE:LINE: `. */
export function errorAt(place: Place, message: string, hint: string): AwsroleError {
  return new AwsroleError('configuration', placed(place, message), { hint });
}

/** What to say of a value that goes on in the next line, where it was not meant to. */
export const CONTINUED = 'the next line is indented, and so a part of this value: do not indent it';
