import { didYouMean } from './closest-names.ts';
import { placed } from './place.ts';
import { quoted } from './printable.ts';
import { type ProfileStore, setting } from './profile-store.ts';

/** What a terminal calls the colours that `awsrole_color` may name (ECMA-48, "select graphic rendition"). */
const COLOURS: Readonly<Record<string, string>> = {
  black: '30',
  red: '31',
  green: '32',
  yellow: '33',
  blue: '34',
  magenta: '35',
  cyan: '36',
  white: '37',
};

/** White on red: what is guarded. */
export const GUARDED = '97;41';

/** The colour of a profile in the prompt. */
export interface PromptColour {
  /** As `awsrole_color` names it. */
  readonly name: string;
  /** Numbers of "select graphic rendition". */
  readonly code: string;
}

/** Returns the colour that a profile names; undefined where it names none, or none that there is. */
export function promptColour(store: ProfileStore, profile: string): PromptColour | undefined {
  const name = setting(store, profile, 'awsrole_color')?.value.toLowerCase() ?? '';
  const code = Object.hasOwn(COLOURS, name) ? COLOURS[name] : undefined;
  return code === undefined ? undefined : { name, code };
}

/** Says of a colour that there is none of this name; undefined where there is nothing to say. */
export function unknownColour(store: ProfileStore, profile: string): string | undefined {
  const written = setting(store, profile, 'awsrole_color');
  if (written === undefined || promptColour(store, profile) !== undefined) return undefined;
  const names = Object.keys(COLOURS);
  const what = placed(
    written,
    `awsrole_color is ${quoted(written.value)}, which is not a colour that awsrole knows`,
  );
  return `${what}; ${didYouMean(written.value, names) ?? `there are ${names.join(', ')}`}`;
}
