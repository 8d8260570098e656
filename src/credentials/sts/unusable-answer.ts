/** STS has answered, but not with a session that can be used. A code in the request is used up. */
export class UnusableAnswer extends Error {
  override readonly name = 'UnusableAnswer';
}
