import type { InFile, Said } from './place.ts';
import { quoted } from './printable.ts';
import { type Fault, isBlank, readHeader, type SectionKind, trimBlanks } from './section-header.ts';
import { isSpace, trimSpaces } from './spaces.ts';

/** The value of a setting, with its place. */
export type Property = WrittenProperty | SaidProperty;

/** One `key = value` of a file. Keys are in lower case; the value is what stands there, without a comment. */
export interface WrittenProperty extends InFile {
  readonly value: string;
  /** The indented `key = value` lines under a key without a value, such as `s3 =`. Their keys keep their case. */
  readonly nested?: ReadonlyMap<string, WrittenProperty>;
  readonly items?: undefined;
}

/** A value that a flag, a variable or the name on the command line gives a profile. */
export interface SaidProperty extends Said {
  readonly value: string;
  /** The values of a setting that is a list, which may also include those of the file. */
  readonly items?: readonly Property[];
  readonly nested?: undefined;
}

export interface Section {
  readonly kind: SectionKind;
  readonly name: string;
  readonly file: string;
  /** 1-based, of the first header. */
  readonly line: number;
  readonly properties: ReadonlyMap<string, WrittenProperty>;
}

/**
 * A mistake in a file. An `error` cost us a line: its profile must not be used, because the lost line may be its role.
 * A `warning` cost nothing, but AWS's own tools read the place differently, or refuse the file. `message` says what is
 * wrong and `hint` what to write instead; neither holds a value, which may be a secret.
 */
export interface Problem extends Fault {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** The profile that it is in; for a header that cannot be read, the one it was probably meant to begin. */
  readonly profile: string | undefined;
}

export interface ParsedFile {
  readonly file: string;
  readonly sections: readonly Section[];
  readonly problems: readonly Problem[];
}

type OpenProperty = { -readonly [Key in keyof WrittenProperty]: WrittenProperty[Key] } & {
  nested?: Map<string, WrittenProperty>;
};
interface OpenSection extends Section {
  readonly properties: Map<string, OpenProperty>;
  /** Its first header; undefined for a section that we ignore. */
  readonly written: string | undefined;
}

const HASH = 0x23;
const SEMICOLON = 0x3b;
const BRACKET = 0x5b;
const BOM = '\ufeff';

/** Settings whose value is a command line: quotes are part of it, and it has no comments, as the AWS CLI runs it. */
const COMMANDS = new Set(['credential_process', 'mfa_process', 'cli_pager']);
/** Settings whose value AWS never takes with quotes around it. */
const NEVER_QUOTED = new Set([
  'aws_access_key_id',
  'aws_secret_access_key',
  'aws_account_id',
  'credential_source',
  'duration_seconds',
  'mfa_serial',
  'region',
  'role_arn',
  'role_session_name',
  'sso_account_id',
  'sso_region',
  'sso_role_name',
  'sso_start_url',
]);

/**
 * Reads one of AWS's files by the test cases that its SDKs share and, where those say nothing, as the AWS CLI does:
 * quoted profile names may have spaces, evenly indented files work, comments may be indented. Never throws: a line that
 * cannot be read becomes a {@link Problem}, so that a mistake in one profile does not cost the others.
 * @param file the file's name, for messages.
 */
export function parseSharedConfigFile(
  bytes: Uint8Array,
  file: string,
  kind: 'config' | 'credentials',
): ParsedFile {
  const { text, encoding } = decode(bytes);
  const sections = new Map<string, OpenSection>();
  const problems: Problem[] = [];
  let line = 1;
  let section: OpenSection | undefined;
  let headerLine = 0;
  let property: OpenProperty | undefined;
  let key = '';
  let keyIndent = 0;

  const report = ({ severity, message, hint }: Fault, profile?: string): void => {
    const suffering =
      profile ?? (section?.kind === 'profile' && section.written !== undefined ? section.name : undefined);
    problems.push({ severity, message, hint, file, line, profile: suffering });
  };

  // A file has few different keys, many times each: sharing one string for each spares the garbage collector.
  const keys = new Map<string, string>();
  const keyOf = (written: string): string => {
    const known = keys.get(written);
    if (known !== undefined) return known;
    const lower = trimSpaces(written).toLowerCase();
    keys.set(written, lower);
    return lower;
  };

  const beginSection = (header: ReturnType<typeof readHeader>): void => {
    property = undefined;
    headerLine = line;
    if (header.kind === 'ignored') {
      // Its settings are read and thrown away: they must not be added to the section above.
      section = { kind: 'profile', name: '', file, line, properties: new Map(), written: undefined };
    } else {
      const { kind, name, written } = header;
      const id = trimBlanks(written) === 'default' ? 'default' : `${kind} ${name}`;
      const known = sections.get(id);
      section = known ?? { kind, name, file, line, properties: new Map(), written };
      sections.set(id, section);
      if (known !== undefined) report(duplicateSection(known.line, known.written === written));
    }
    if (header.fault) report(header.fault, header.kind === 'ignored' ? header.profile : undefined);
  };

  const beginProperty = (raw: string, indent: number): void => {
    const orphan = indent > 0 && property === undefined;
    let text = withoutComment(raw);
    const equals = text.indexOf('=');
    key = keyOf(text.slice(indent, Math.max(equals, indent)));
    const fault = equals < 0 ? (orphan ? NO_PROPERTY : NO_EQUALS) : faultOfKey(key);
    const isCommand = COMMANDS.has(key);
    if (isCommand) text = raw;
    property = undefined;
    if (section === undefined) {
      report(NO_SECTION);
    } else if (fault !== undefined) {
      report(fault);
    } else {
      const value = trimSpaces(text.slice(equals + 1));
      const known = section.properties.get(key);
      if (known !== undefined && known.line > headerLine) report(duplicateProperty(key, known.line));
      if (text.length < raw.length) report(commentAfter(key));
      if (isCommand) {
        if (text.length > withoutComment(raw).length && hasOpenComment(value)) report(noCommentIn(key));
      } else if (isQuote(value.charCodeAt(0)) || isQuote(value.charCodeAt(value.length - 1))) {
        const quotes = quotesAround(key, value);
        if (quotes !== undefined) report(quotes);
      }
      property = { value, file, line };
      keyIndent = indent;
      section.properties.set(key, property);
    }
  };

  const continueProperty = (open: OpenProperty, raw: string): void => {
    const text = trimSpaces(raw);
    if (open.value === '') open.nested = new Map();
    open.value += `\n${text}`;
    if (open.nested !== undefined) {
      const equals = text.indexOf('=');
      const value = trimSpaces(text.slice(equals + 1));
      if (equals < 0) report(noSubEquals(key));
      else open.nested.set(trimSpaces(text.slice(0, equals)), { value, file, line });
    } else if (text.startsWith('[')) {
      report({ ...indented('section header', key, open.line), severity: 'error' });
    } else if (/^\w+[ \t]*=/.test(text)) {
      report(indented('setting', key, open.line));
    }
  };

  if (encoding === 'utf-16') report(UTF_16);
  if (encoding === 'bom') report(BYTE_ORDER_MARK);
  const hasMarks = text.includes(BOM);
  line = 0;
  for (let start = 0, end = 0; end < text.length; start = end + 1) {
    end = text.indexOf('\n', start);
    if (end < 0) end = text.length;
    const written = text.slice(start, end);
    // Where files were put one behind the other, a line may begin with a mark that was the first of a file.
    const raw = hasMarks ? written.replace(/^\ufeff+/, '') : written;
    line++;
    let indent = 0;
    while (isSpace(raw.charCodeAt(indent))) indent++;
    const first = raw.charCodeAt(indent);
    const comment = first === HASH || first === SEMICOLON;
    if (comment || indent === raw.length) {
      // Neither costs a line of settings.
    } else if (property !== undefined && indent > keyIndent) {
      continueProperty(property, raw);
    } else if (first === BRACKET) {
      beginSection(readHeader(raw.slice(indent), kind));
    } else {
      beginProperty(raw, indent);
    }
    if (encoding === 'broken' && raw.includes('\ufffd')) report(notUtf8(comment ? 'warning' : 'error'));
    if (raw !== written) report(MARK_IN_FILE);
    if (hasMarks && !comment && raw.includes(BOM)) {
      const header = first === BRACKET ? section?.name.replaceAll(BOM, '') : undefined;
      report(markInLine(written.lastIndexOf(BOM) + 1), header);
    }
  }

  const shadowed = sections.get('default');
  const winner = sections.get('profile default');
  if (kind === 'config' && shadowed !== undefined && winner !== undefined) {
    sections.delete('default');
    line = shadowed.line;
    report(shadowedDefault(winner.line), 'default');
  }
  return { file, sections: [...sections.values()], problems };
}

/**
 * Removes a comment, which begins with `#` or `;` after a space; without the space it is part of the value
 * (`https://x/start#/`).
 */
function withoutComment(line: string): string {
  let end = line.length;
  for (const mark of ['#', ';']) {
    let at = line.indexOf(mark);
    while (at > 0 && !isBlank(line.charCodeAt(at - 1))) at = line.indexOf(mark, at + 1);
    if (at > 0 && at < end) end = at;
  }
  return line.slice(0, end);
}

/** True when ` #` or ` ;` stands outside quotes, where a person may have meant a comment. */
function hasOpenComment(command: string): boolean {
  return /\s[#;]/.test(command.replace(/\\.|"(?:\\.|[^"\\])*"|'[^']*'/gs, 'x'));
}

/** True for the plain and the typographic quotes. */
function isQuote(code: number): boolean {
  return code === 0x22 || code === 0x27 || (code >= 0x2018 && code <= 0x201f);
}

/**
 * Says what is wrong with a value that begins or ends with a quote: AWS takes it for a part of the value. What other
 * tools read is theirs, and an external id is checked where it is used. A session token is only warned of, because
 * tools write it so.
 */
function quotesAround(key: string, value: string): Fault | undefined {
  if (NEVER_QUOTED.has(key)) {
    return error(
      `the value of ${quoted(key)} is in quotes, which AWS reads as part of it`,
      'delete the quotes',
    );
  }
  if (!/^(["'])[^"']*\1$/.test(value) || /^x_|expir|^external_id$/.test(key)) return undefined;
  return warning(
    `the value of ${quoted(key)} is in quotes, which the AWS CLI reads as part of it`,
    'delete the quotes',
  );
}

/** Decodes a file's text, with LF line ends, and finds out what is odd about its bytes. */
function decode(bytes: Uint8Array): { text: string; encoding: 'utf-8' | 'bom' | 'utf-16' | 'broken' } {
  const [a, b, c] = bytes;
  const mark = (a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff);
  // Without its mark, UTF-16 has a zero in every ASCII character.
  if (mark || (b !== undefined && (a === 0) !== (b === 0))) return { text: '', encoding: 'utf-16' };
  const bom = a === 0xef && b === 0xbb && c === 0xbf;
  const read = (fatal: boolean): string => {
    const text = new TextDecoder('utf-8', { fatal }).decode(bytes);
    return text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
  };
  try {
    return { text: read(true), encoding: bom ? 'bom' : 'utf-8' };
  } catch {
    return { text: read(false), encoding: 'broken' };
  }
}

const CLI_REFUSES = 'the AWS CLI refuses the whole file because of it';

const error = (message: string, hint: string): Fault => ({ severity: 'error', message, hint });
const warning = (message: string, hint: string): Fault => ({ severity: 'warning', message, hint });

const NO_SECTION = error(
  'expected a profile definition before the first setting',
  'write [default] or [profile NAME] above it',
);
const NO_PROPERTY = error('expected a property definition, found a continuation', 'write it as: key = value');
const NO_EQUALS = error("expected an '=' sign defining a property", 'write it as: key = value');
const NO_KEY = error('the property has no name', "write the name of the setting before the '='");
const COLON = error(
  "there is a ':' in the name of the setting; the AWS CLI reads it as '='",
  'write it as: key = value',
);
const UTF_16 = error('the file is UTF-16, which no AWS tool reads', 'save it as UTF-8');
const BYTE_ORDER_MARK = warning(
  `the file begins with a byte order mark; ${CLI_REFUSES}`,
  'save it as UTF-8 without one',
);

const MARK_IN_FILE = warning(
  `the line begins with a byte order mark (U+FEFF), which is invisible; ${CLI_REFUSES}`,
  'delete it, or retype the line',
);

function faultOfKey(key: string): Fault | undefined {
  if (key === '') return NO_KEY;
  return key.includes(':') ? COLON : undefined;
}

function notUtf8(severity: Fault['severity']): Fault {
  return { severity, message: `this line is not UTF-8; ${CLI_REFUSES}`, hint: 'save the file as UTF-8' };
}

function duplicateSection(line: number, same: boolean): Fault {
  const cli = same ? CLI_REFUSES : 'the AWS CLI takes only the last';
  return warning(
    `the section is already on line ${line}; awsrole puts both together, but ${cli}`,
    'merge them into one section',
  );
}

function shadowedDefault(line: number): Fault {
  return warning(
    `[default] is ignored because [profile default] is on line ${line}; the AWS CLI takes the last of them`,
    'merge them into one section',
  );
}

function duplicateProperty(key: string, line: number): Fault {
  return warning(
    `${quoted(key)} is already on line ${line}; awsrole takes the last, but ${CLI_REFUSES}`,
    'delete one of them',
  );
}

function commentAfter(key: string): Fault {
  return warning(
    `the AWS CLI reads the comment as part of the value of ${quoted(key)}`,
    'put the comment on a line of its own',
  );
}

function noCommentIn(key: string): Fault {
  return warning(
    `what follows the # or ; in ${quoted(key)} is not a comment: it is passed to the command, as the AWS CLI does`,
    'put the comment on a line of its own',
  );
}

function markInLine(column: number): Fault {
  return error(
    `there is a byte order mark (U+FEFF), which is invisible, in column ${column}`,
    'retype the line',
  );
}

function noSubEquals(key: string): Fault {
  return error(`expected an '=' sign defining a sub-property of ${quoted(key)}`, 'write it as: key = value');
}

function indented(what: string, key: string, line: number): Fault {
  return warning(
    `this ${what} is indented more than ${quoted(key)} on line ${line}, which makes it part of that value`,
    `indent it as much as line ${line}, or less`,
  );
}
