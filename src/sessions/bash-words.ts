/** A command line up to the cursor, as bash and readline take it. */
export interface BashLine {
  /** The words before the one at the cursor, without their quotes; the first is the command. */
  readonly before: readonly string[];
  /** The word at the cursor, without its quotes. */
  readonly current: string;
  /** The quote that is open at the cursor. */
  readonly quote: '' | "'" | '"';
  /** The beginning of `current` that readline leaves as it is, because it takes `:`, `=` and `@` for ends of words. */
  readonly kept: string;
}

/** Reads a line as bash would split it. @param breaks COMP_WORDBREAKS: the characters that end a word for readline */
export function readBashLine(line: string, breaks: string): BashLine {
  const before: string[] = [];
  let current: string | undefined;
  let quote: BashLine['quote'] = '';
  let kept = '';
  for (let at = 0; at < line.length; at += 1) {
    const character = line.charAt(at);
    const escapes = quote === '' || (quote === '"' && /["$`\\]/.test(line.charAt(at + 1)));
    if (character === '\\' && escapes) {
      at += 1;
      current = (current ?? '') + line.charAt(at);
    } else if (character === quote) {
      quote = '';
    } else if (quote !== '') {
      current = (current ?? '') + character;
    } else if (character === "'" || character === '"') {
      quote = character;
      current ??= '';
    } else if (character === ' ' || character === '\t') {
      if (current !== undefined) before.push(current);
      current = undefined;
      kept = '';
    } else {
      current = (current ?? '') + character;
      // readline replaces an @ with what stands behind it.
      if (breaks.includes(character)) kept = current.replace(/@$/, '');
    }
  }
  return { before, current: current ?? '', quote, kept: quote === '' ? kept : '' };
}

/** What readline is to put in the place of the word at the cursor, so that bash takes it for `word`, to the letter. */
export function bashWord(word: string, { quote, kept }: Pick<BashLine, 'quote' | 'kept'> = NOTHING): string {
  const rest = word.slice(kept.length);
  if (quote === "'") return rest.replaceAll("'", "'\\''");
  // A ! cannot be told from one for the history, unless it stands outside.
  if (quote === '"') return rest.replace(/["$`\\]/g, '\\$&').replaceAll('!', '"\\!"');
  return word === '' ? "''" : rest.replace(/[^\p{L}\p{N}\p{M}_.,:/@%=+-]/gu, '\\$&');
}

const NOTHING = { quote: '', kept: '' } as const;
