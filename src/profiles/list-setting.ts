import { placeOf } from './place.ts';
import type { Property } from './shared-config-file.ts';

/** The values of a setting that is a list, each with its place: what flags gave, else what stands between the commas. */
export function listOf(property: Property): readonly Property[] {
  const { value, items } = property;
  if (items !== undefined) return items;
  // What goes on in the next line is a mistake, and not taken apart: it may hold a secret.
  if (value.includes('\n')) return [{ value, ...placeOf(property) }];
  if (value === '') return [];
  return value.split(',').map((item) => ({ value: item.trim(), ...placeOf(property) }));
}

/** The two sides of a `KEY=VALUE`; undefined without the `=`. */
export function tagOf({ value, by }: Property): { key: string; value: string } | undefined {
  const at = value.indexOf('=');
  if (at < 0) return undefined;
  const tag = { key: value.slice(0, at), value: value.slice(at + 1) };
  // In a file spaces stand around the `=` for the eye; on a command line they were typed on purpose.
  return by !== undefined ? tag : { key: tag.key.trim(), value: tag.value.trim() };
}
