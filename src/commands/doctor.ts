import type { Context } from '../context.ts';
import { EXIT_STATUS } from '../errors.ts';
import { printableJson } from '../profiles/printable.ts';
import { type Diagnosis, examine } from '../setup/doctor.ts';
import type { State } from '../setup/finding.ts';
import { type Colours, colours } from '../terminal/colour.ts';

/** Of one check's; --json has them all. */
const MOST_SHOWN = 20;
const NAME_COLUMNS = 10;

/** Shows what the checks find, and what to do about it. Gives the exit status: 3 where something is wrong. */
export async function doctor(context: Context, { json }: { readonly json: boolean }): Promise<number> {
  const found = await examine(context);
  const { stdout, env } = context;
  if (json) {
    const shape = found.map(({ check, state, says, todo }) => ({
      check,
      state,
      says,
      ...(todo && { todo }),
    }));
    stdout.write(`${printableJson(shape, 2)}\n`);
  } else {
    const colour = colours(stdout, env);
    const checks = [...new Set(found.map(({ check }) => check))];
    const lines = checks.flatMap((check) =>
      linesOf(
        found.filter((one) => one.check === check),
        colour,
      ),
    );
    stdout.write(`${[...lines, '', summary(found)].join('\n')}\n`);
  }
  return found.some(({ state }) => state === 'wrong') ? EXIT_STATUS.configuration : 0;
}

function linesOf(found: readonly Diagnosis[], colour: Colours): string[] {
  const rank: readonly State[] = ['wrong', 'unknown', 'note', 'ok'];
  // What is wrong must not be among those that are left out.
  const first = [...found].sort((a, b) => rank.indexOf(a.state) - rank.indexOf(b.state));
  const shown = found.length > MOST_SHOWN ? first.slice(0, MOST_SHOWN) : found;
  const lines = shown.flatMap(({ check, state, says, todo }) => [
    `${mark(state, colour)} ${check.padEnd(NAME_COLUMNS)} ${says}`,
    ...(todo?.split('\n').map((line) => `${' '.repeat(NAME_COLUMNS + 3)}${line.trim()}`) ?? []),
  ]);
  const more = found.length - shown.length;
  return more > 0
    ? [...lines, `${' '.repeat(NAME_COLUMNS + 3)}and ${more} more: awsrole doctor --json`]
    : lines;
}

function mark(state: State, { green, yellow, red, bold }: Colours): string {
  return { ok: green('✓'), note: yellow('!'), wrong: bold(red('✗')), unknown: yellow('?') }[state];
}

function summary(found: readonly Diagnosis[]): string {
  const count = (state: State): number => found.filter((one) => one.state === state).length;
  const faults = count('wrong');
  const first =
    faults === 0 ? 'Nothing is wrong' : `${faults} ${faults === 1 ? 'thing is' : 'things are'} wrong`;
  const notes = count('note');
  const unchecked = count('unknown');
  const more = [
    ...(notes > 0 ? [notes === 1 ? '1 note' : `${notes} notes`] : []),
    ...(unchecked > 0 ? [`${unchecked} could not be checked here`] : []),
  ];
  return `${[first, ...more].join('; ')}.`;
}
