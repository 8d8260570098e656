/** A `credential_process` that awsrole has written: keys of its own stores, which it reads without a process. */
export interface KeyReference {
  /** The user's id in the index of stored keys. */
  readonly id: string;
  /** True when programs get the MFA session instead of the keys. */
  readonly session: boolean;
}

/** Reads the command line of a profile's credential_process; undefined where awsrole has not written it. */
export function referenceIn(command: string, profile: string): KeyReference | undefined {
  const [, action, id = ''] =
    /(?:^|[/\\])awsrole(?:\.cmd)?"? (key-process|credential-process) ([A-Za-z0-9_.@+=,-]+)$/.exec(command) ??
    [];
  if (action === 'key-process') return { id, session: false };
  const isOwn = id === profile || /^u-[0-9a-f]{12}$/.test(id);
  return action === 'credential-process' && isOwn ? { id, session: true } : undefined;
}
