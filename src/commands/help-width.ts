/** In place of `string-width` (see build.mjs): what yargs lays out is our own help, which is plain ASCII. */
export default function helpWidth(text: string): number {
  return text.length;
}
