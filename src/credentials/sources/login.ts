import { createHash } from 'node:crypto';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromLoginCredentials } from '@aws-sdk/credential-provider-login';
import type { Context } from '../../context.ts';
import { AwsroleError } from '../../errors.ts';
import type { Source } from '../../profiles/chain-source.ts';
import { errorAt, placeText } from '../../profiles/place.ts';
import { printable, quoted } from '../../profiles/printable.ts';
import { withWaitingNotice } from '../../terminal/waiting-notice.ts';
import type { Plan } from '../plan.ts';
import { serviceSettings } from '../sts/settings.ts';
import { type GivenCredentials, givenCredentials } from './given-credentials.ts';
import { clientConfig, collectFailures, isolateSdk, MADE_UP_FILES, PROFILE } from './sdk-isolation.ts';
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

type LoginSource = Extract<Source, { kind: 'login-session' }>;

/** AWS's word for a missing permission; any other refusal means that the person has to sign in again. */
const NO_PERMISSION = 'INSUFFICIENT_PERMISSIONS';

/**
 * Gets the credentials that `aws login` has left in `~/.aws/login/cache` (or AWS_LOGIN_CACHE_DIRECTORY), and renews
 * them near their end.
 * @throws AwsroleError kind `sign-in` when the person has to sign in again
 */
export async function loginCredentials(
  context: Context,
  { store, chain, sts: { region } }: Plan,
  source: LoginSource,
): Promise<GivenCredentials> {
  const { session } = source;
  if (!/^[\x21-\x7e]+$/.test(session.value)) {
    throw errorAt(
      session,
      `login_session is ${quoted(session.value)}, which is not a value that aws login writes`,
      `run: ${signInCommand('login-session', source.profile)}`,
    );
  }
  const folder = context.env.AWS_LOGIN_CACHE_DIRECTORY || tokenFolder(context, 'login', 'cache');
  const name = `${createHash('sha256').update(session.value).digest('hex')}.json`;
  const { token, end } = readToken(source, join(folder, name));
  const renewing = end - context.now() <= RENEWAL_MS;
  const signin = serviceSettings(context.env, store, chain.profile, 'signin', region);
  const failures = collectFailures(context);
  let workplace: string | undefined;
  try {
    // The SDK writes straight into the file, so it gets a copy, which then replaces the file as a whole.
    workplace = renewing ? makeWorkplace(folder, context.now()) : undefined;
    if (workplace !== undefined) {
      writeFileSync(join(workplace, name), JSON.stringify(token.content), { mode: 0o600 });
    }
    isolateSdk(`[profile ${PROFILE}]\nlogin_session = ${session.value}\n`, {
      AWS_LOGIN_CACHE_DIRECTORY: workplace ?? folder,
      AWS_ENDPOINT_URL_SIGNIN: signin.endpoint,
    });
    context.debug(`login session ${session.value}${renewing ? ', renewed' : ''}`);
    const provide = fromLoginCredentials({
      clientConfig: await clientConfig(signin, region, `${region}.signin.aws.amazon.com`, failures.logger),
      logger: failures.logger,
      ...MADE_UP_FILES,
    });
    const host = signin.endpoint ?? 'AWS sign-in';
    const given = givenCredentials(await withWaitingNotice(context, `an answer from ${host}`, provide()));
    if (workplace !== undefined) renameSync(join(workplace, name), token.path);
    return given;
  } catch (error) {
    throw explain(error, failures.list.at(-1), source, token, signin.endpoint);
  } finally {
    if (workplace !== undefined) rmSync(workplace, { recursive: true, force: true });
  }
}

/**
 * Reads the token of `aws login`, with the time at which it ends.
 * @throws AwsroleError kind `sign-in` when there is none
 */
function readToken(source: LoginSource, path: string): { token: TokenFile; end: number } {
  const hint = `run: ${signInCommand('login-session', source.profile)}`;
  const token = readTokenFile(path, hint);
  if (token === undefined) {
    const who = printable(source.session.value);
    throw signInNeeded('login-session', source.profile, `Nobody has signed in as ${who} yet`);
  }
  const { accessToken, ...rest } = token.content;
  const credentials: Record<string, unknown> = { ...Object(accessToken) };
  const needed = ['accessKeyId', 'secretAccessKey', 'sessionToken', 'accountId', 'expiresAt'];
  const missing = [
    ...needed.filter((key) => typeof credentials[key] !== 'string'),
    ...['clientId', 'refreshToken', 'dpopKey'].filter((key) => typeof rest[key] !== 'string'),
  ];
  if (missing.length > 0) throw brokenToken(path, `it has no ${missing.join(', ')}`, hint);
  const end = Date.parse(String(credentials.expiresAt));
  if (Number.isNaN(end)) throw brokenToken(path, 'its expiresAt is not a time', hint);
  return { token, end };
}

function explain(
  error: unknown,
  failure: unknown,
  source: LoginSource,
  token: TokenFile,
  endpoint: string | undefined,
): AwsroleError {
  if (error instanceof AwsroleError) return error;
  const { path, message = '' } = error as NodeJS.ErrnoException;
  const who = `the login session ${printable(source.session.value)}`;
  if (path !== undefined) {
    return new AwsroleError('configuration', `${who} cannot be renewed: ${printable(message)}`, {
      hint: `make the folder of ${printable(token.path)} writable`,
      cause: error,
    });
  }
  if (/Dpop proof/.test(message)) {
    const hint = `run: ${signInCommand('login-session', source.profile)}`;
    return brokenToken(token.path, 'its dpopKey is not a key', hint);
  }
  const reason = failure ?? error;
  const code = (reason as { error?: unknown }).error;
  if (isRefusal(reason) && code !== NO_PERMISSION) {
    const name = typeof code === 'string' && code !== '' ? code : (reason as Error).name;
    return signInNeeded(
      'login-session',
      source.profile,
      `${who.replace(/^t/, 'T')} has ended (${printable(name)})`,
      reason,
    );
  }
  return explainServiceError(reason, {
    host: endpoint ?? 'AWS sign-in',
    what: `to renew ${who} (${placeText(source.session)})`,
    hint: 'a policy must allow signin:CreateOAuth2Token',
  });
}
