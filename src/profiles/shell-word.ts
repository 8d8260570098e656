import { printable } from './printable.ts';

/** Writes a word as one would type it in a POSIX shell; safe to show. */
export function shellWord(word: string): string {
  const text = printable(word);
  // zsh looks for a command behind a `=` at the beginning.
  return /^[A-Za-z0-9_.@+,:/-][A-Za-z0-9_.@+=,:/-]*$/.test(text)
    ? text
    : `'${text.replaceAll("'", "'\\''")}'`;
}

/** Writes the name of a profile as the argument of a command of ours: one that looks like an option comes after `--`. */
export function profileWord(name: string): string {
  return name.startsWith('-') ? `-- ${shellWord(name)}` : shellWord(name);
}
