import { quoted } from './printable.ts';

// Nobody mistypes a longer name than this and expects help; it bounds the work.
const LONGEST = 64;

/**
 * The candidates a person most likely meant by `name`, best first: those that differ by few typing errors, and
 * those that begin with it. Case does not count. About 5 ms for 10,000 candidates.
 */
export function closestNames(name: string, candidates: Iterable<string>, most = 3): string[] {
  const wanted = name.toLowerCase();
  if (wanted === '' || wanted.length > LONGEST) return [];
  const limit = Math.max(1, Math.floor(wanted.length / 3));
  const found: { candidate: string; distance: number }[] = [];
  for (const candidate of candidates) {
    const other = candidate.toLowerCase();
    const errors = typingErrors(wanted, other, limit);
    if (errors <= limit) found.push({ candidate, distance: errors });
    // A beginning is as good as one typing error: `prod` for `prod-admin`.
    else if (other.startsWith(wanted)) found.push({ candidate, distance: 1 });
  }
  const shorterFirst = (a: string, b: string): number => a.length - b.length || (a < b ? -1 : 1);
  found.sort((a, b) => a.distance - b.distance || shorterFirst(a.candidate, b.candidate));
  return found.slice(0, most).map(({ candidate }) => candidate);
}

/** A hint that asks for the closest names; undefined when nothing is close. */
export function didYouMean(name: string, candidates: Iterable<string>): string | undefined {
  const names = closestNames(name, candidates).map(quoted);
  return names.length === 0 ? undefined : `did you mean ${names.join(' or ')}?`;
}

// Three rows of the table of distances are enough; one set of them serves all candidates.
let previous2 = new Uint8Array(LONGEST * 2);
let previous = new Uint8Array(LONGEST * 2);
let current = new Uint8Array(LONGEST * 2);

/**
 * How many characters must be inserted, left out, replaced or swapped with their neighbour to make `a` of `b`
 * (Damerau-Levenshtein, optimal string alignment); some number above `limit` as soon as it is more than that.
 */
function typingErrors(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  for (let j = 0; j <= b.length; j++) previous[j] = j;
  for (let i = 1; i <= a.length; i++) {
    current[0] = i;
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const same = a.charCodeAt(i - 1) === b.charCodeAt(j - 1);
      let cost = Math.min(
        (previous[j] ?? 0) + 1,
        (current[j - 1] ?? 0) + 1,
        (previous[j - 1] ?? 0) + (same ? 0 : 1),
      );
      const swapped =
        i > 1 &&
        j > 1 &&
        a.charCodeAt(i - 1) === b.charCodeAt(j - 2) &&
        a.charCodeAt(i - 2) === b.charCodeAt(j - 1);
      if (swapped) cost = Math.min(cost, (previous2[j - 2] ?? 0) + 1);
      current[j] = cost;
      if (cost < least) least = cost;
    }
    if (least > limit) return limit + 1;
    [previous2, previous, current] = [previous, current, previous2];
  }
  return previous[b.length] ?? 0;
}
