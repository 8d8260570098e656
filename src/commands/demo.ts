import type { Context } from '../context.ts';

export async function demo(_context: Context, _word: string | undefined): Promise<number> {
  throw new Error('not there yet');
}
