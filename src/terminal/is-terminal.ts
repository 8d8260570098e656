/** True for a stream that a person sees or types into; false for a pipe, a file and what tests put in its place. */
export function isTerminal(stream: object): boolean {
  return 'isTTY' in stream && stream.isTTY === true;
}
