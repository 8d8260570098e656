import { go, snapshot } from 'fuzzysort';

/** Something to choose: its name, and what else is shown of it and searched. */
export interface Choice {
  readonly name: string;
  readonly about: string;
  /** 1 for one that was used just now, more for one that is used often; none for 0. */
  readonly used?: number | undefined;
  /** Whether it is what the shell holds. */
  readonly held?: boolean;
}

export interface Ranked {
  /** The best first. */
  readonly found: readonly Choice[];
  /** How many fit, those that are not in `found` too. */
  readonly total: number;
  /** How well the best one fits, of 1. */
  readonly score: number;
}

/** More than anybody goes through; with all of ten thousand each key would take half a second. */
const MOST = 200;
/** What has the letters, but far apart. */
const LEAST_SCORE = 0.2;
/** What often used ones are ahead of others that fit alike. */
const MOST_FOR_USE = 0.15;

/**
 * Makes a function that finds the choices with all of the words in their name or the rest, in any order, as parts or as
 * letters with others between them.
 */
export function ranking(choices: readonly Choice[]): (query: string) => Ranked {
  const places = choices.map((choice, place) => ({ choice, place }));
  const targets = snapshot(places, { key: ({ choice }) => `${choice.name} ${choice.about}` });
  return (query) => {
    const words = query.trim();
    if (words === '') return { found: choices, total: choices.length, score: 0 };
    const results = go(words, targets, { limit: MOST, threshold: LEAST_SCORE });
    const found = results
      .map(({ score, obj }) => ({ ...obj, score: score + MOST_FOR_USE * Math.min(1, obj.choice.used ?? 0) }))
      .sort((a, b) => b.score - a.score || a.place - b.place)
      .map(({ choice }) => choice);
    return { found, total: results.total, score: results[0]?.score ?? 0 };
  };
}
