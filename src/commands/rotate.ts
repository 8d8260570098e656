import type { Context } from '../context.ts';
import { keysError } from '../keys/key-store.ts';

export type HowToRotate = 'keep' | 'delete-now' | 'undo' | 'finish';

export async function rotate(_context: Context, _name: string, _how: HowToRotate): Promise<number> {
  throw keysError('rotate: not there yet');
}
