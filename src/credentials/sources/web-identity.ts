import { fromTokenFile } from '@aws-sdk/credential-provider-web-identity';
import type { Context } from '../../context.ts';
import { AwsroleError } from '../../errors.ts';
import { checkHop } from '../../profiles/assume-role-input.ts';
import type { Source } from '../../profiles/chain-source.ts';
import { errorAt, placeText } from '../../profiles/place.ts';
import { printable, quoted } from '../../profiles/printable.ts';
import { withWaitingNotice } from '../../terminal/waiting-notice.ts';
import type { Plan } from '../plan.ts';
import { assumeRoleWithWebIdentity } from '../sts/client.ts';
import { explainStsError } from '../sts/refusal.ts';
import { type GivenCredentials, givenCredentials } from './given-credentials.ts';
import { isolateSdk } from './sdk-isolation.ts';

type WebIdentitySource = Extract<Source, { kind: 'web-identity' }>;

/**
 * Gets the session of a role with a token of another provider (Kubernetes, GitHub): AssumeRoleWithWebIdentity, which is
 * not signed with keys.
 * @throws AwsroleError
 */
export async function webIdentityCredentials(
  context: Context,
  { sts }: Plan,
  source: WebIdentitySource,
): Promise<GivenCredentials> {
  const { roleArn, tokenFile, roleSessionName, profile } = source;
  checkHop({ profile, roleArn, ...(roleSessionName && { roleSessionName }) });
  isolateSdk('', {});
  context.debug(`AssumeRoleWithWebIdentity ${roleArn.value}, STS ${sts.endpoint ?? sts.region}`);
  const provide = fromTokenFile({
    roleArn: roleArn.value,
    webIdentityTokenFile: tokenFile.value,
    roleSessionName: roleSessionName?.value ?? `awsrole-${Math.floor(context.now() / 1000)}`,
    roleAssumerWithWebIdentity: async ({ RoleArn, RoleSessionName, WebIdentityToken }) => {
      const { session } = await assumeRoleWithWebIdentity(sts, {
        RoleArn,
        RoleSessionName,
        WebIdentityToken,
      });
      return { ...session, expiration: new Date(session.expires * 1000) };
    },
  });
  try {
    const host = sts.endpoint ?? `STS in ${sts.region}`;
    return givenCredentials(await withWaitingNotice(context, `an answer from ${host}`, provide()));
  } catch (error) {
    throw explain(context, error, source, sts);
  }
}

function explain(
  context: Context,
  error: unknown,
  { roleArn, tokenFile, profile }: WebIdentitySource,
  sts: Plan['sts'],
): AwsroleError {
  const { path, code, message = '', name = '' } = error as NodeJS.ErrnoException;
  // The error for a folder has no path.
  if (path !== undefined || code === 'EISDIR') {
    return errorAt(
      tokenFile,
      `web_identity_token_file of profile ${quoted(profile)} cannot be read: ${printable(message)}`,
      tokenFile.value.startsWith('~')
        ? 'no AWS tool expands ~ here: write the full path'
        : 'correct the path',
    );
  }
  const token = `the token in ${printable(tokenFile.value)} (${placeText(tokenFile)})`;
  const refused = (what: string, hint: string): AwsroleError =>
    new AwsroleError('refused', what, { hint, cause: error });
  switch (name.replace(/Exception$/, '')) {
    case 'ExpiredToken':
      return refused(`${token} has expired`, 'whoever writes that file must write a new token');
    case 'InvalidIdentityToken':
      return refused(
        `AWS does not accept ${token}: ${printable(message)}`,
        'the identity provider of the token must be set up in IAM, with the audience of the token',
      );
    case 'IDPRejectedClaim':
      return refused(
        `the identity provider rejects ${token}: ${printable(message)}`,
        'get a new token from it',
      );
    case 'AccessDenied':
      return refused(
        `AWS denies ${printable(roleArn.value)} to ${token}: ${printable(message)}`,
        `the trust policy of the role must allow the token's provider, audience and subject; check that role_arn is right (${placeText(roleArn)})`,
      );
  }
  return explainStsError(
    error,
    {
      action: 'AssumeRoleWithWebIdentity',
      accessKeyId: '(no key)',
      sourceProfile: profile,
      region: sts.region,
      endpoint: sts.endpoint,
      roleArn: roleArn.value,
      profile,
      where: { roleArn: placeText(roleArn) },
    },
    context.now(),
  );
}
