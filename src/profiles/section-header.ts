import { quoted } from './printable.ts';
import { splitWords } from './shell-words.ts';

export type SectionKind = 'profile' | 'sso-session' | 'services';

/** A mistake in a piece of a file, without its place. */
export interface Fault {
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly hint: string;
}

/** The meaning of a header line. */
export type SectionHeader =
  | {
      readonly kind: SectionKind;
      readonly name: string;
      /** How the header is written: the AWS CLI takes two of the same for a mistake. */
      readonly written: string;
      readonly fault?: Fault;
    }
  | {
      readonly kind: 'ignored';
      /** The profile that the header was probably meant to begin. */
      readonly profile?: string;
      readonly fault?: Fault;
    };

// The AWS CLI's own sections.
const FOREIGN = new Set(['preview', 'plugins']);
const KINDS: readonly string[] = ['profile', 'sso-session', 'services'] satisfies SectionKind[];
const HASH = 0x23;
const SEMICOLON = 0x3b;

/** Only spaces and tabs are whitespace to AWS. */
export function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** Removes spaces and tabs from both ends; `trim()` would remove more. */
export function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

/**
 * Writes the header of a profile in the config file, without the brackets: with quotes around a name that the AWS CLI
 * would otherwise split or shorten.
 */
export function profileHeader(name: string): string {
  if (name === 'default') return name;
  // .NET's SDK takes quotes for a part of the name.
  if (!/[\s"'\\[\]#;]/.test(name)) return `profile ${name}`;
  if (/["\\]/.test(name) && !name.includes("'")) return `profile '${name}'`;
  return `profile "${name.replace(/["\\]/g, '\\$&')}"`;
}

/** Reads a header line, which begins with `[`. */
export function readHeader(line: string, file: 'config' | 'credentials'): SectionHeader {
  const written = insideBrackets(line);
  if (written === undefined) {
    const meant = withoutPrefix(trimBlanks(line.slice(1).split(']', 1)[0] ?? ''));
    return ignored(
      'error',
      "the profile definition must end with ']'",
      'write nothing but a comment after it',
      meant,
    );
  }
  const name = trimBlanks(written);
  if (name === '') return ignored('error', 'the section has no name', 'write it between the brackets');
  if (name === 'DEFAULT') {
    return ignored(
      'warning',
      '[DEFAULT] is ignored, though the AWS CLI adds its settings to every profile',
      'write the settings into each profile that needs them, or call the section [default]',
    );
  }
  const header = file === 'config' ? configHeader(name, written) : credentialsHeader(name, written);
  if (header.fault || line.lastIndexOf(']') <= written.length + 1) return header;
  return { ...header, fault: BRACKET_IN_COMMENT };
}

/** Reads a header of the credentials file, where a name has no prefix and no quotes. */
function credentialsHeader(name: string, written: string): SectionHeader {
  const [, prefix, rest] = /^(profile|sso-session|services)\s+(.*)$/is.exec(name) ?? [];
  if (prefix === undefined) {
    return { kind: 'profile', name, written, ...(name !== written && { fault: SPACE_IN_CREDENTIALS }) };
  }
  const message = `${quoted(`[${name}]`)} is ignored: the credentials file holds only profiles, without a prefix`;
  if (prefix.toLowerCase() !== 'profile') return ignored('warning', message, 'move it to the config file');
  return ignored('warning', message, `write ${quoted(`[${rest}]`)}`, rest);
}

function configHeader(name: string, written: string): SectionHeader {
  // Nearly every header has this form, and needs no closer look.
  if (/^profile [\w.@+-]+$/.test(written)) return { kind: 'profile', name: written.slice(8), written };
  if (name === 'default') return { kind: 'profile', name, written };
  const words = splitWords(name);
  if (words === undefined) {
    return ignored(
      'error',
      'a quote in the name is not closed',
      'write it as: [profile "NAME"]',
      withoutPrefix(name),
    );
  }
  const [kind = '', first = '', ...more] = words;
  if (isKind(kind) && more.length > 0) {
    const whole = [first, ...more].join(' ');
    const hint = `a name with spaces needs quotes: [${kind} ${quoted(whole)}]`;
    return ignored('warning', notAProfile(name), hint, kind === 'profile' ? whole : undefined);
  }
  if (isKind(kind) && first !== '') {
    const indented = isBlank(written.charCodeAt(0));
    return { kind, name: first, written, ...(indented && { fault: SPACE_FIRST }) };
  }
  if (FOREIGN.has(name)) return { kind: 'ignored' };
  return ignored('warning', notAProfile(name), ...meantBy(name));
}

/**
 * Guesses what a header was meant to be that begins no section for AWS: `[prod]`, `[Profile prod]`, `[profileprod]`,
 * `[profiles prod]`, `[Default]`, or a prefix with a space behind it that is none; but `[sso-sesion prod]` was not meant
 * to be a profile. Gives the hint, and the profile that it may have been.
 */
function meantBy(name: string): [hint: string, profile: string | undefined] {
  const [first = '', ...rest] = splitWords(name.replace(/\s/g, ' ')) ?? [name];
  const prefix = first.toLowerCase();
  const other = KINDS.find((kind) => kind !== 'profile' && kind === prefix);
  if (other !== undefined && rest.length > 0)
    return [`write ${quoted(`[${other} ${inHeader(rest.join(' '))}]`)}`, undefined];
  if (rest.length === 0 && prefix === 'default')
    return ['if it is meant to be one, write [default]', 'default'];
  const meant =
    rest.length === 0
      ? first.replace(/^profile[-_.:=/]?(?=.)/i, '')
      : prefix.startsWith('profile') && (rest.length === 1 || prefix === 'profile')
        ? rest.join(' ')
        : undefined;
  const header = meant === undefined ? '[profile NAME]' : `[profile ${inHeader(meant)}]`;
  return [`if it is meant to be one, write ${quoted(header)}`, meant];
}

/** Writes a name as a header has it. */
function inHeader(name: string): string {
  return /\s/.test(name) ? `"${name}"` : name;
}

function withoutPrefix(name: string): string {
  return name.replace(/^profile\s+/i, '');
}

function notAProfile(name: string): string {
  return `${quoted(`[${name}]`)} is ignored: it is not a profile`;
}

const SPACE_FIRST: Fault = {
  severity: 'warning',
  message: 'the AWS CLI does not see this section because of the space after the [',
  hint: 'delete the space',
};

const SPACE_IN_CREDENTIALS: Fault = {
  severity: 'warning',
  message: 'the AWS CLI takes the space inside the brackets for a part of the name',
  hint: 'delete the space',
};

const BRACKET_IN_COMMENT: Fault = {
  severity: 'warning',
  message: 'the AWS CLI does not see this section because of the ] in the comment after it',
  hint: 'put the comment on a line of its own',
};

function ignored(
  severity: Fault['severity'],
  message: string,
  hint: string,
  profile?: string,
): SectionHeader {
  return { kind: 'ignored', fault: { severity, message, hint }, ...(profile && { profile }) };
}

function isKind(word: string): word is SectionKind {
  return KINDS.includes(word);
}

/** Returns the text between the brackets: up to the first `]` after which only a comment comes. */
function insideBrackets(line: string): string | undefined {
  for (let close = line.indexOf(']'); close > 0; close = line.indexOf(']', close + 1)) {
    let after = close + 1;
    while (isBlank(line.charCodeAt(after))) after++;
    const code = line.charCodeAt(after);
    if (after === line.length || code === HASH || code === SEMICOLON) return line.slice(1, close);
  }
  return undefined;
}
