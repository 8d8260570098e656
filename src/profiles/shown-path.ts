import { printable } from './printable.ts';

/** Words a path as a person would write it: with `~` for the home folder. */
export function shownPath(path: string, home: string | undefined): string {
  const below = home && path.startsWith(home) ? path.slice(home.length) : '';
  return printable(/^[/\\]/.test(below) ? `~${below}` : path);
}
