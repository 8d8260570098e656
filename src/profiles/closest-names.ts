import { distance } from 'fastest-levenshtein';
import { quoted } from './printable.ts';

/** Longer names get no hint, which limits the work. */
const LONGEST = 128;
/** Fewer letters than this stand inside too many names to say anything. */
const FEWEST_INSIDE = 3;

/**
 * Finds the candidates that a person most likely meant by `name`, best first: those that differ by few typing errors or
 * begin with it, then those that contain it; where there is neither, those of which the parts (between dashes and the
 * like) are what was typed, in whatever order and with typing errors. Case does not count. About 10 ms for 10,000
 * candidates.
 */
export function closestNames(name: string, candidates: Iterable<string>, most = 3): string[] {
  const wanted = name.toLowerCase();
  if (wanted === '' || wanted.length > LONGEST) return [];
  const near: Found[] = [];
  const far: Found[] = [];
  const parts = partsOf(wanted);
  for (const candidate of candidates) {
    const other = candidate.toLowerCase();
    const errors = errorsInAll(wanted, other);
    if (errors !== undefined) near.push({ candidate, errors });
    else if (near.length === 0) {
      const inParts = errorsInParts(parts, other);
      if (inParts !== undefined) far.push({ candidate, errors: inParts });
    }
  }
  const found = near.length > 0 ? near : far;
  const shorterFirst = (a: string, b: string): number => a.length - b.length || (a < b ? -1 : 1);
  found.sort((a, b) => a.errors - b.errors || shorterFirst(a.candidate, b.candidate));
  return found.slice(0, most).map(({ candidate }) => candidate);
}

/** Makes a hint that asks for the closest names; undefined when nothing is close. */
export function didYouMean(name: string, candidates: Iterable<string>): string | undefined {
  const names = closestNames(name, candidates).map(quoted);
  if (names.length < 3) return names.length === 0 ? undefined : `did you mean ${names.join(' or ')}?`;
  return `did you mean ${names.slice(0, -1).join(', ')} or ${names.at(-1)}?`;
}

interface Found {
  readonly candidate: string;
  readonly errors: number;
}

/** Counts the typing errors; a name that begins with what was typed, or contains it, counts as few. */
function errorsInAll(wanted: string, other: string): number | undefined {
  const limit = Math.max(1, Math.floor(wanted.length / 3));
  const tooFar = Math.abs(wanted.length - other.length) > limit;
  const errors = tooFar ? Number.POSITIVE_INFINITY : typingErrors(wanted, other);
  if (errors <= limit) return errors;
  // `prod` for `prod-admin` counts as one typing error, and for `company-prod` as more than any.
  if (other.startsWith(wanted)) return 1;
  return wanted.length >= FEWEST_INSIDE && other.includes(wanted) ? limit + 1 : undefined;
}

function partsOf(name: string): string[] {
  return name.split(/[^\p{L}\p{N}]+/u).filter((part) => part !== '');
}

/** Counts the typing errors when each part that was typed is looked for among the parts of a name. */
function errorsInParts(typed: readonly string[], other: string): number | undefined {
  const letters = typed.join('');
  if (letters.length < 2) return undefined;
  const parts = partsOf(other);
  if (letters.length >= FEWEST_INSIDE && parts.join('').includes(letters)) return 0;
  let all = 0;
  for (const part of typed) {
    const limit = Math.floor(part.length / 3);
    const least = Math.min(...parts.map((one) => errorsInPart(part, one, limit)));
    if (least > limit) return undefined;
    all += least;
  }
  return all;
}

/** Counts the typing errors in one part, of which the beginning is enough: `prdo` is `production` with one. */
function errorsInPart(typed: string, part: string, limit: number): number {
  if (part.startsWith(typed)) return 0;
  if (limit === 0 || part.length < typed.length - limit) return Number.POSITIVE_INFINITY;
  const beginning = typingErrors(typed, part.slice(0, typed.length));
  return part.length > typed.length + limit ? beginning : Math.min(beginning, typingErrors(typed, part));
}

/**
 * Counts the characters to insert, leave out or replace. Two swapped neighbours count as one if nothing else is wrong.
 */
function typingErrors(a: string, b: string): number {
  const errors = distance(a, b);
  return errors === 2 && isSwap(a, b) ? 1 : errors;
}

/** True when two different texts differ only by two swapped neighbours. */
function isSwap(a: string, b: string): boolean {
  let at = 0;
  while (a[at] === b[at]) at++;
  return a.slice(0, at) + a.charAt(at + 1) + a.charAt(at) + a.slice(at + 2) === b;
}
