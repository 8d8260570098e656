import type { ShellName } from './shells.ts';

// No shell is understood here. Only what ends a start-up file for certain is told; where a line is not clear, such as one
// with a quote that stays open or a here-document, nothing behind it is looked at.

/** A line at which a shell leaves its start-up file. */
export interface EarlyEnd {
  readonly line: number;
  /** `return`, `exit` or `exec`. */
  readonly word: string;
}

interface Grammar {
  readonly quoted: RegExp;
  readonly ends: RegExp;
  /** A line that the next one belongs to. */
  readonly goesOn: RegExp;
  readonly unclear: RegExp;
  /** What opens a block, wherever it stands, and what closes one: rather a block too many is taken for open. */
  readonly opens: RegExp;
  readonly closes: RegExp;
}

const LEAVES = String.raw`(return|exit)(?:\s+(?:\d+|\$\?))?(?:\s+2?>\s*\S+)?\s*(?:;.*)?$`;
/** Not where it only redirects, as `exec 2>file` does. */
const BECOMES = String.raw`(exec)\s+(?:-\S+\s+)*[A-Za-z/~$"'][^|&;{}]*;?\s*$`;

const POSIX: Grammar = {
  quoted: /\$'(?:\\.|[^'\\])*'|'[^']*'|"(?:\\.|[^"\\])*"|\\./g,
  ends: new RegExp(`^(?:${LEAVES}|${BECOMES})`),
  goesOn: /(?:\\|&&|\|)\s*$/,
  unclear: /['"`]|<</,
  opens: /(?<![^\s;&|()])(?:if|case|for|while|until|select|repeat|foreach|\{)(?![^\s;&|()])|\($/g,
  closes: /(?:^|[;&|]|\b(?:then|do|else)\s)\s*(?:fi|esac|done|end|\})(?![^\s;&|()])|^\s*\)/g,
};

const GRAMMARS: Readonly<Record<ShellName, Grammar>> = {
  bash: POSIX,
  zsh: POSIX,
  fish: {
    ...POSIX,
    quoted: /'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|\\./g,
    goesOn: /(?:\\|&&|\||\band|\bor|\bnot)\s*$/,
    opens: /(?<![^\s;&|()])(?:if|for|while|switch|function|begin)(?![^\s;&|()])|\($/g,
    closes: /(?:^|[;&|])\s*end(?![^\s;&|()])|^\s*\)/g,
  },
  powershell: {
    quoted: /'[^']*'|"(?:`.|[^"`])*"/g,
    ends: /^(return|exit)(?:\s+\d+)?\s*(?:;.*)?$/i,
    goesOn: /[`|&,=]\s*$/,
    unclear: /['"]|<#/,
    opens: /[{(]/g,
    closes: /[})]/g,
  },
};

/** Finds the line at which a shell leaves a file, whatever holds; undefined where none does for certain. */
export function earlyEnd(text: string, shell: ShellName): EarlyEnd | undefined {
  const { quoted, ends, goesOn, unclear, opens, closes } = GRAMMARS[shell];
  let depth = 0;
  let isContinued = false;
  for (const [index, raw] of text
    .replace(/^(?:\u00ef\u00bb\u00bf|\ufeff)/, '')
    .split(/\r?\n/)
    .entries()) {
    const isLast = goesOn.test(raw);
    const line = raw
      .replace(quoted, '$Q')
      .replace(/(^|\s)#(?!>).*$/, '$1')
      .trimEnd();
    if (unclear.test(line)) return undefined;
    const [, ...words] = (depth === 0 && !isContinued && ends.exec(line)) || [];
    const word = words.find((one) => one !== undefined);
    if (word !== undefined) return { line: index + 1, word };
    depth += (line.match(opens)?.length ?? 0) - (line.match(closes)?.length ?? 0);
    if (depth < 0) return undefined;
    isContinued = isLast || (line === '' && isContinued);
  }
  return undefined;
}
