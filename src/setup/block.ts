// What awsrole puts into a start-up file stands between two markers. All that has to be known to take it out again, so
// that the file is as it was, stands there too. The scripts of awsrole 0.1 wrote the same marks.

/** The line before what is awsrole's. */
export const BEGIN = '# >>> awsrole >>>';
/** The line behind it. */
export const END = '# <<< awsrole <<<';

const MADE_FILE = '# awsrole made this file.';
/** A letter a folder. */
const MADE_FOLDERS = '# awsrole made the folders of this file: ';
const MADE_ITS_FOLDER = '# And its folder.';
const JOINED = '# The line above had no newline at its end.';

/** The text of a start-up file around awsrole's block; without one, `before` is all of it. */
export interface Parts {
  readonly before: string;
  readonly block: string;
  readonly after: string;
}

/** Takes the text of a start-up file apart; undefined where the markers are no pair. */
export function takeApart(text: string): Parts | undefined {
  // An editor may have put blanks or a CR behind a marker, and a file may begin with a byte order mark.
  const begins = [...text.matchAll(/^(\u00ef\u00bb\u00bf|\ufeff)?# >>> awsrole >>>[ \t\r]*$/gm)];
  const ends = [...text.matchAll(/^# <<< awsrole <<<[ \t\r]*(?:\n|$(?![\s\S]))/gm)];
  const [begin] = begins;
  const [end] = ends;
  if (begin === undefined && end === undefined) return { before: text, block: '', after: '' };
  if (begin === undefined || end === undefined || begins.length > 1 || ends.length > 1) return undefined;
  const from = begin.index + (begin[1]?.length ?? 0);
  const to = end.index + end[0].length;
  if (from > end.index) return undefined;
  return { before: text.slice(0, from), block: text.slice(from, to), after: text.slice(to) };
}

/** What a block is made of. */
export interface BlockContent {
  readonly lines: readonly string[];
  readonly newline: string;
  /** False where the file is made for the block. */
  readonly exists: boolean;
  /** How many folders are made for the file. */
  readonly madeFolders: number;
  /** Whether the block has to come last, as what stands behind it now is what makes awsrole found. */
  readonly last: boolean;
}

/** The text with the block in it: in the place of the one that is there, else at the end. */
export function withBlock(parts: Parts, content: BlockContent): string {
  const { lines, newline, last } = content;
  const { before, block, after } = parts;
  const moved = block !== '' && last && after !== '';
  const head = moved ? withoutBlock(parts).text : before;
  const notes = block === '' || moved ? newNotes(head, block, content) : keptNotes(block);
  const joined = (block === '' || moved) && notes.includes(JOINED) ? newline : '';
  const written = [BEGIN, ...lines, ...notes, END].map((line) => `${line}${newline}`).join('');
  return `${head}${joined}${written}${moved ? '' : after}`;
}

function newNotes(head: string, block: string, { exists, madeFolders }: BlockContent): string[] {
  const ends = head.endsWith('\n') || /^(\u00ef\u00bb\u00bf|\ufeff)?$/.test(head);
  const kept = keptNotes(block).filter((note) => note !== JOINED);
  return [
    ...kept,
    ...(!exists ? [MADE_FILE] : []),
    ...(madeFolders > 0 ? [MADE_FOLDERS + 'x'.repeat(madeFolders)] : []),
    ...(ends ? [] : [JOINED]),
  ];
}

function keptNotes(block: string): string[] {
  const lines = block.split(/\r?\n/);
  const ours = (line: string): boolean =>
    [MADE_FILE, MADE_ITS_FOLDER, JOINED].includes(line) || line.startsWith(MADE_FOLDERS);
  return lines.map((line) => line.trimEnd()).filter(ours);
}

/** What is left without the block. */
export interface Rest {
  readonly text: string;
  /** True where the file was made for the block, and nothing else is in it. */
  readonly wasMade: boolean;
  /** How many folders, the file's own first, were made for it. */
  readonly madeFolders: number;
}

/** The text as it was before the block came into it. */
export function withoutBlock({ before, block, after }: Parts): Rest {
  const notes = keptNotes(block);
  // What came behind it since must not be joined with the line before it.
  const head = after === '' && notes.includes(JOINED) ? before.replace(/\r?\n$/, '') : before;
  const text = head + after;
  const folders = notes.find((note) => note.startsWith(MADE_FOLDERS))?.slice(MADE_FOLDERS.length).length;
  return {
    text,
    wasMade: text === '' && notes.includes(MADE_FILE),
    madeFolders: folders ?? (notes.includes(MADE_ITS_FOLDER) ? 1 : 0),
  };
}
