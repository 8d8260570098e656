import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseProcessId, processIdText } from '../../src/processes/process-id.ts';
import { identify, processState } from '../../src/processes/process-state.ts';

async function start(): Promise<ChildProcess & { pid: number }> {
  const child = spawn('sleep', ['300'], { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child, 'spawn');
  if (child.pid === undefined) throw new Error('nothing was started');
  return child as ChildProcess & { pid: number };
}

// As on Linux by /proc, and as elsewhere by ps.
describe.each(['linux', 'darwin'] as const)('the state of a process, as on %s', (platform) => {
  const ours = identify(process.pid, platform);

  it('is told of this one, and by what was written down', () => {
    expect(ours).toMatchObject({ pid: process.pid, start: expect.any(Number) });
    expect(ours.start).toBeGreaterThan(0);
    const read = parseProcessId(processIdText(ours));
    expect(read).toEqual(ours);
    expect(processState(ours, platform)).toBe('runs');
  });

  it('is gone when another process has its number, or the computer was started again', () => {
    expect(processState({ ...ours, start: ours.start - 60 }, platform)).toBe('gone');
    expect(processState({ ...ours, machine: { ...ours.machine, boot: '00000000' } }, platform)).toBe('gone');
  });

  it('is not known on another machine, nor where the start was not told', () => {
    expect(processState({ ...ours, machine: { ...ours.machine, name: '000000000000' } }, platform)).toBe(
      'unknown',
    );
    expect(processState({ ...ours, start: 0 }, platform)).toBe('unknown');
  });

  it('is stopped, runs again, and is gone', async () => {
    const child = await start();
    const id = identify(child.pid, platform);
    expect(processState(id, platform)).toBe('runs');
    child.kill('SIGSTOP');
    await expect.poll(() => processState(id, platform)).toBe('stopped');
    child.kill('SIGCONT');
    await expect.poll(() => processState(id, platform)).toBe('runs');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(processState(id, platform)).toBe('gone');
  });

  it('is gone when it was killed, although its parent has not looked', async () => {
    // The shell becomes a program that never looks for its children.
    const parent = spawn('sh', ['-c', 'sleep 300 & echo $!; exec sleep 300'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    onTestFinished(() => void parent.kill('SIGKILL'));
    const [text] = (await once(parent.stdout, 'data')) as [Buffer];
    const id = identify(Number(text), platform);
    expect(processState(id, platform)).toBe('runs');
    await expect.poll(() => processState(identify(parent.pid ?? 0, platform), platform)).toBe('runs');
    process.kill(id.pid, 'SIGKILL');
    await expect.poll(() => processState(id, platform)).toBe('gone');
    expect(() => process.kill(id.pid, 0)).not.toThrow();
  });
});

describe('the state of a process on Windows', () => {
  it('is not known while there is one of its number, and gone when there is none', async () => {
    const child = await start();
    const id = identify(child.pid, 'win32');
    expect(processState(id, 'win32')).toBe('unknown');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(processState(id, 'win32')).toBe('gone');
  });
});
