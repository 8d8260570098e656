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

/** The place alone of something that has one. */
export function placeOf(thing: Place): Place {
  return thing.by === undefined ? { file: thing.file, line: thing.line } : { by: thing.by };
}

/** `FILE:LINE`, or what says it. */
export function placeText(place: Place): string {
  return place.by === undefined ? `${printable(place.file)}:${place.line}` : printable(place.by);
}

/** A message behind the `FILE:LINE: ` that it is about. */
export function placed(place: Place, message: string): string {
  return `${placeText(place)}: ${message}`;
}

/** An error of kind `configuration` whose message begins with `FILE:LINE: `; of kind `usage` for what a person typed. */
export function errorAt(place: Place, message: string, hint: string): AwsroleError {
  return new AwsroleError(place.by === undefined ? 'configuration' : 'usage', placed(place, message), {
    hint,
  });
}

/** What to say of a value that goes on in the next line, where it was not meant to. */
export const CONTINUED = 'the next line is indented, and so a part of this value: do not indent it';
