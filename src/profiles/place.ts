import { AwsroleError } from '../errors.ts';
import { printable } from './printable.ts';

/** Where a property, a section or a problem is: on a line of a file, or only in what a person typed. */
export type Place = InFile | Said;

export interface InFile {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  readonly by?: undefined;
}

export interface Said {
  /** What says it: a flag such as `--region`, a variable, or `the command line`. */
  readonly by: string;
  readonly file?: undefined;
  readonly line?: undefined;
}

/** Returns only the place of something that has one. */
export function placeOf(thing: Place): Place {
  return thing.by === undefined ? { file: thing.file, line: thing.line } : { by: thing.by };
}

/** Writes a place: `FILE:LINE`, or the flag or variable. */
export function placeText(place: Place): string {
  return place.by === undefined ? `${printable(place.file)}:${place.line}` : printable(place.by);
}

/** Puts the place before a message: `FILE:LINE: MESSAGE`. */
export function placed(place: Place, message: string): string {
  return `${placeText(place)}: ${message}`;
}

/**
 * Makes an error whose message begins with `FILE:LINE: `: of kind `configuration`, or `usage` for what a person typed.
 */
export function errorAt(place: Place, message: string, hint: string): AwsroleError {
  return new AwsroleError(place.by === undefined ? 'configuration' : 'usage', placed(place, message), {
    hint,
  });
}

/** The hint for a value that goes on in the next line, where it should not. */
export const CONTINUED = 'the next line is indented, and so is part of this value: do not indent it';

/** The hint for a name that is looked for with its quotes; undefined where it has none. */
export function quotesHint(name: string): string | undefined {
  return /^["'].*["']$/s.test(name)
    ? 'the quotes are part of the name, as for the AWS CLI: delete them'
    : undefined;
}
