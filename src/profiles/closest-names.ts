import { distance } from 'fastest-levenshtein';
import { quoted } from './printable.ts';

/** Longer names get no hint, which limits the work. */
const LONGEST = 64;

/**
 * Finds the candidates that a person most likely meant by `name`, best first: those that differ by few typing errors,
 * and those that begin with it. Case does not count. About 5 ms for 10,000 candidates.
 */
export function closestNames(name: string, candidates: Iterable<string>, most = 3): string[] {
  const wanted = name.toLowerCase();
  if (wanted === '' || wanted.length > LONGEST) return [];
  const limit = Math.max(1, Math.floor(wanted.length / 3));
  const found: { candidate: string; errors: number }[] = [];
  for (const candidate of candidates) {
    const other = candidate.toLowerCase();
    const tooFar = Math.abs(wanted.length - other.length) > limit;
    const errors = tooFar ? Number.POSITIVE_INFINITY : typingErrors(wanted, other);
    if (errors <= limit) found.push({ candidate, errors });
    // A name that begins with it counts as one typing error: `prod` for `prod-admin`.
    else if (other.startsWith(wanted)) found.push({ candidate, errors: 1 });
  }
  const shorterFirst = (a: string, b: string): number => a.length - b.length || (a < b ? -1 : 1);
  found.sort((a, b) => a.errors - b.errors || shorterFirst(a.candidate, b.candidate));
  return found.slice(0, most).map(({ candidate }) => candidate);
}

/** Makes a hint that asks for the closest names; undefined when nothing is close. */
export function didYouMean(name: string, candidates: Iterable<string>): string | undefined {
  const names = closestNames(name, candidates).map(quoted);
  return names.length === 0 ? undefined : `did you mean ${names.join(' or ')}?`;
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
