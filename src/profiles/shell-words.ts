const BLANKS = /[ \t\r\n]+/;

/**
 * Splits text into words as Python's shlex.split does, which the AWS CLI uses for names in headers and for commands:
 * there are no comments, variables or other syntax of a shell. Undefined when a quote is left open, or nothing stands
 * behind a backslash at the end.
 */
export function splitWords(text: string): string[] | undefined {
  if (!/["'\\]/.test(text)) return text.split(BLANKS).filter((word) => word !== '');
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let i = 0; i < text.length; i++) {
    const character = text.charAt(i);
    if (character === '\\' && quote !== "'") {
      const next = text.charAt(++i);
      if (next === '') return undefined;
      // Between double quotes a backslash escapes only these two.
      word = (word ?? '') + (quote === '"' && next !== '"' && next !== '\\' ? `\\${next}` : next);
    } else if (character === quote) {
      quote = '';
    } else if (quote === '' && (character === '"' || character === "'")) {
      quote = character;
      word ??= '';
    } else if (quote === '' && BLANKS.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? '') + character;
    }
  }
  if (quote !== '') return undefined;
  if (word !== undefined) words.push(word);
  return words;
}
