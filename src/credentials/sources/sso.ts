import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromSSO } from '@aws-sdk/credential-provider-sso';
import type { Context } from '../../context.ts';
import { AwsroleError } from '../../errors.ts';
import type { Source } from '../../profiles/chain-source.ts';
import { errorAt, placeText } from '../../profiles/place.ts';
import { printable, quoted } from '../../profiles/printable.ts';
import { withWaitingNotice } from '../../terminal/waiting-notice.ts';
import type { Plan } from '../plan.ts';
import { serviceSettings } from '../sts/settings.ts';
import { type GivenCredentials, givenCredentials } from './given-credentials.ts';
import {
  clientConfig,
  collectFailures,
  type Failures,
  handToken,
  isolateSdk,
  MADE_UP_FILES,
  PROFILE,
} from './sdk-isolation.ts';
import { explainServiceError, isRefusal } from './service-refusal.ts';
import { signInCommand, signInNeeded } from './sign-in.ts';
import {
  brokenToken,
  makeWorkplace,
  RENEWAL_MS,
  readTokenFile,
  type TokenFile,
  tokenFolder,
} from './token-file.ts';

type SsoSource = Extract<Source, { kind: 'sso' }>;

/** The token that the AWS CLI has kept of a sign-in. */
interface SsoToken extends TokenFile {
  readonly accessToken: string;
  readonly expiresAt: string;
  /** Milliseconds until it ends; negative when it has. */
  readonly left: number;
  /** True when it can be renewed; only that of an [sso-session] comes with what that takes. */
  readonly refreshable: boolean;
}

/**
 * Gets the credentials of a role of IAM Identity Center, with the token that `aws sso login` has left in
 * `~/.aws/sso/cache`. Near its end the token is renewed with its refresh token, and written back.
 * @throws AwsroleError kind `sign-in` when the person has to sign in again
 */
export async function ssoCredentials(
  context: Context,
  { store, chain }: Plan,
  source: SsoSource,
): Promise<GivenCredentials> {
  const { region, accountId, roleName, startUrl } = source;
  if (!/^[A-Za-z0-9-]{1,63}$/.test(region.value)) {
    throw errorAt(region, `sso_region is ${quoted(region.value)}`, 'a region looks like us-east-1');
  }
  const token = readToken(context, source);
  const portal = serviceSettings(context.env, store, chain.profile, 'sso', region.value);
  const oidc = serviceSettings(context.env, store, chain.profile, 'sso_oidc', region.value);
  const failures = collectFailures(context);
  const renewing = token.refreshable && token.left <= RENEWAL_MS;
  handToken(renewing ? PROFILE : startUrl.value, {
    ...token.content,
    accessToken: token.accessToken,
    expiresAt: token.expiresAt,
  });
  context.debug(
    `SSO: role ${roleName.value} of account ${accountId.value}, ${portal.endpoint ?? region.value}${renewing ? ', with a new token' : ''}`,
  );
  const ends = {
    useFipsEndpoint: portal.useFipsEndpoint && oidc.useFipsEndpoint,
    useDualstackEndpoint: portal.useDualstackEndpoint && oidc.useDualstackEndpoint,
    caBundle: portal.caBundle ?? oidc.caBundle,
  };
  let workplace: string | undefined;
  try {
    workplace = renewing ? makeWorkplace(tokenFolder(context, 'sso', 'cache'), context.now()) : undefined;
    const written = workplace && makeTokenFile(workplace);
    // The SDK cannot read every name of a session, so it has a made-up one here.
    isolateSdk(
      `[profile ${PROFILE}]\nsso_session = ${PROFILE}\n` +
        `[sso-session ${PROFILE}]\nsso_region = ${region.value}\nsso_start_url = https://awsrole\n`,
      {
        AWS_ENDPOINT_URL_SSO: portal.endpoint,
        AWS_ENDPOINT_URL_SSO_OIDC: oidc.endpoint,
        HOME: workplace,
      },
    );
    const provide = fromSSO({
      ssoStartUrl: startUrl.value,
      ssoAccountId: accountId.value,
      ssoRegion: region.value,
      ssoRoleName: roleName.value,
      ...(renewing && { ssoSession: PROFILE }),
      clientConfig: await clientConfig(
        { ...portal, ...ends },
        region.value,
        `portal.sso.${region.value}.amazonaws.com`,
        failures.logger,
      ),
      ...MADE_UP_FILES,
    });
    const host = portal.endpoint ?? `SSO in ${region.value}`;
    try {
      return givenCredentials(await withWaitingNotice(context, `an answer from ${host}`, provide()));
    } finally {
      // A new token counts also where the portal then refuses the role.
      if (written !== undefined && readFileSync(written, 'utf8') !== '') renameSync(written, token.path);
    }
  } catch (error) {
    throw explain(error, failures, source, token, { portal: portal.endpoint, oidc: oidc.endpoint });
  } finally {
    if (workplace !== undefined) rmSync(workplace, { recursive: true, force: true });
  }
}

/** Makes the file, for us alone, into which the SDK writes a new token below the home that it is told. */
function makeTokenFile(home: string): string {
  const folder = join(home, '.aws', 'sso', 'cache');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `${sha1(PROFILE)}.json`);
  writeFileSync(path, '', { mode: 0o600 });
  return path;
}

/** Reads the token of a sign-in. @throws AwsroleError kind `sign-in` when there is none that can be used */
function readToken(context: Context, source: SsoSource): SsoToken {
  const id = (source.session ?? source.startUrl).value;
  const path = join(tokenFolder(context, 'sso', 'cache'), `${sha1(id)}.json`);
  const hint = `run: ${signInCommand('sso', source.profile)}`;
  const file = readTokenFile(path, hint);
  if (file === undefined) {
    throw signInNeeded('sso', source.profile, `Nobody has signed in to ${sessionName(source)} yet`);
  }
  const { accessToken, expiresAt, clientId, clientSecret, refreshToken } = file.content;
  if (typeof accessToken !== 'string') throw brokenToken(path, 'it has no accessToken', hint);
  const end = typeof expiresAt === 'string' ? timeOf(expiresAt) : Number.NaN;
  if (Number.isNaN(end)) throw brokenToken(path, 'its expiresAt is not a time', hint);
  const left = end - context.now();
  const refreshable =
    source.session !== undefined &&
    [clientId, clientSecret, refreshToken].every((part) => typeof part === 'string' && part !== '');
  if (left <= 0 && !refreshable) {
    throw signInNeeded('sso', source.profile, `${sessionName(source, 'The')} has ended`);
  }
  return { ...file, accessToken, expiresAt: new Date(end).toISOString(), left, refreshable };
}

/** Reads a time; older versions of the AWS CLI write `UTC` for `Z`. */
function timeOf(text: string): number {
  return Date.parse(text.replace(/UTC$/, 'Z'));
}

function sessionName({ session, startUrl }: SsoSource, the: 'the' | 'The' = 'the'): string {
  return session === undefined
    ? `${the} SSO session of ${printable(startUrl.value)}`
    : `${the} SSO session ${printable(session.value)}`;
}

function explain(
  error: unknown,
  failures: Failures,
  source: SsoSource,
  token: SsoToken,
  endpoints: { portal: string | undefined; oidc: string | undefined },
): AwsroleError {
  if (error instanceof AwsroleError) return error;
  const { path, message = '' } = error as NodeJS.ErrnoException;
  if (path !== undefined) {
    return new AwsroleError('configuration', `the SSO token cannot be renewed: ${printable(message)}`, {
      hint: `make the folder of ${printable(token.path)} writable`,
      cause: error,
    });
  }
  const failure = failures.list.at(-1);
  const { region, roleName, accountId, profile } = source;
  if (failure === undefined) {
    const [text = ''] = message.trim().split('\n', 1);
    return new AwsroleError('network', `SSO gave no usable answer: ${printable(text)}`, {
      hint: 'check sso_region, and the endpoint if one is set',
      cause: error,
    });
  }
  const name = printable((failure as Error).name);
  const ofOidc = failures.calls.at(-1) === 'SSOOIDCClient';
  if (isRefusal(failure) && ofOidc) {
    return signInNeeded('sso', profile, `${sessionName(source, 'The')} has ended (${name})`, failure);
  }
  if (isRefusal(failure) && name === 'UnauthorizedException') {
    return signInNeeded('sso', profile, `AWS no longer accepts ${sessionName(source)}`, failure);
  }
  const endpoint = ofOidc ? endpoints.oidc : endpoints.portal;
  return explainServiceError(failure, {
    host: endpoint ?? `${ofOidc ? 'SSO OIDC' : 'SSO'} in ${region.value}`,
    what: `role ${roleName.value} of account ${accountId.value} for ${sessionName(source)}`,
    hint: `check sso_role_name (${placeText(roleName)}) and sso_account_id (${placeText(accountId)}), and whether you have been given that access`,
  });
}

function sha1(text: string): string {
  return createHash('sha1').update(text).digest('hex');
}
