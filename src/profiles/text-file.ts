import { readFileSync } from 'node:fs';
import { AwsroleError } from '../errors.ts';
import { printable } from './printable.ts';

/**
 * Reads a text file; undefined when it does not exist.
 * @throws AwsroleError kind `configuration` when it cannot be read
 */
export function readIfThere(path: string, hint: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new AwsroleError('configuration', `${printable(path)} cannot be read: ${printable(message)}`, {
      hint,
      cause: error,
    });
  }
}
