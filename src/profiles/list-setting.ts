import { placeOf } from './place.ts';
import type { Property } from './shared-config-file.ts';

/**
 * Returns the values of a setting that is a list, each with its place: those that flags gave, else those between the
 * commas.
 */
export function listOf(property: Property): readonly Property[] {
  const { value, items } = property;
  if (items !== undefined) return items;
  // A value that goes on in the next line is a mistake; it is not split, because it may hold a secret.
  if (value.includes('\n')) return [{ value, ...placeOf(property) }];
  if (value === '') return [];
  return value.split(',').map((item) => ({ value: item.trim(), ...placeOf(property) }));
}

/** Splits `KEY=VALUE`; undefined without the `=`. */
export function tagOf({ value, by }: Property): { key: string; value: string } | undefined {
  const at = value.indexOf('=');
  if (at < 0) return undefined;
  const tag = { key: value.slice(0, at), value: value.slice(at + 1) };
  // In a file the spaces around `=` are there for the eye; on a command line they were typed on purpose.
  return by !== undefined ? tag : { key: tag.key.trim(), value: tag.value.trim() };
}
