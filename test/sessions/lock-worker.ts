// Takes a lock again and again, as one of many, and may be killed while it holds it: see lock.test.ts.
import fs, { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import timers, { setTimeout as sleep } from 'node:timers/promises';
import { parseProcessId, processIdText } from '../../src/processes/process-id.ts';
import { identify, processState } from '../../src/processes/process-state.ts';
import { underLock } from '../../src/sessions/lock.ts';

const [path = '', rounds = '1', end = 'done'] = process.argv.slice(2);
/** The round in which it is killed. */
const last = end === 'killed' ? Math.floor(Math.random() * Number(rounds)) : undefined;
/** Here stands who works, while it works. */
const mark = `${path}.mark`;
const ours = processIdText(identify(process.pid));

/** Others get between a look and the step that follows it, and look more often, so that what can go wrong does. */
function makeTrouble(): void {
  const { renameSync, rmSync: remove, rmdirSync } = fs;
  const late =
    <A extends unknown[]>(step: (...args: A) => void) =>
    (...args: A): void => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Math.random() * 15);
      step(...args);
    };
  Object.assign(fs, { renameSync: late(renameSync), rmSync: late(remove), rmdirSync: late(rmdirSync) });
  const wait = timers.setTimeout;
  Object.assign(timers, { setTimeout: (milliseconds: number) => wait(milliseconds / 20) });
  syncBuiltinESMExports();
}

function sayWhoWorks(): void {
  try {
    writeFileSync(mark, ours, { flag: 'wx' });
  } catch {
    const other = parseProcessId(readFileSync(mark, 'utf8'));
    if (other !== undefined && processState(other) !== 'gone') throw new Error(`${other.pid} works as well`);
    writeFileSync(mark, ours);
  }
}

makeTrouble();
for (let round = 0; round < Number(rounds); round += 1) {
  await underLock(path, {
    doing: 'works',
    command: 'awsrole test',
    poll: () => undefined,
    onWait: () => {},
    giveUp: () => new Error('gave up'),
    work: async () => {
      sayWhoWorks();
      await sleep(Math.random() * 400);
      if (round === last) process.kill(process.pid, 'SIGKILL');
      if (readFileSync(mark, 'utf8') !== ours) throw new Error('another works as well');
      rmSync(mark);
    },
  });
}
