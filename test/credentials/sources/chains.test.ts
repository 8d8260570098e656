import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CHAIN_CASES, type ChainCase, TOKEN_FILE } from '../../cases/chains.ts';
import { chainCase, describeSdkCases, type SdkChainCase } from '../../cases/sdk-cases.ts';
import { makeWorld } from '../../world.ts';
import { type Fake, fakeSso, inSeconds, someCredentials } from './fakes.ts';

// Which steps lead to a profile's credentials is checked in role-chain.test.ts: here they are taken.

async function check({ config, profile, chain = [] }: ChainCase): Promise<void> {
  const [first] = chain;
  const steps = chain.flatMap(({ AssumeRole, WebIdentityToken }) => [
    ...(AssumeRole ? [{ action: 'AssumeRole', ...AssumeRole }] : []),
    ...(WebIdentityToken ? [{ action: 'AssumeRoleWithWebIdentity', ...WebIdentityToken }] : []),
  ]);
  const arns = steps.map(({ role_arn }) => role_arn);
  const world = await makeWorld({
    credentials: undefined,
    users: first?.AccessKey
      ? [
          {
            arn: 'arn:aws:iam::123456789012:user/someone',
            accessKeyId: first.AccessKey.access_key_id,
            secretAccessKey: first.AccessKey.secret_access_key,
          },
        ]
      : [],
    roles: arns.map((arn) => ({ arn, trust: { principals: ['*'] } })),
    webTokens: [{ token: 'the-token', roles: arns }],
  });
  const tokenFile = join(world.home, 'token.jwt');
  writeFileSync(tokenFile, world.keepSecret('the-token'));
  world.write({ config: config.replaceAll(TOKEN_FILE, tokenFile) });
  const env: Record<string, string> = {};
  let sso: Fake | undefined;
  if (first?.Sso) {
    sso = await fakeSso({ tokens: ['sso-token'], role: () => someCredentials(world, 'sso') });
    env.AWS_ENDPOINT_URL_SSO = sso.url;
    const folder = join(world.home, '.aws', 'sso', 'cache');
    mkdirSync(folder, { recursive: true });
    const name = createHash('sha1')
      .update(first.Sso.sso_session ?? first.Sso.sso_start_url)
      .digest('hex');
    writeFileSync(
      join(folder, `${name}.json`),
      JSON.stringify({ accessToken: world.keepSecret('sso-token'), expiresAt: inSeconds(3600) }),
    );
  }

  const { set } = await world.lines(profile, { env });

  const requests = world.sts.requests();
  expect(requests.map(({ action, roleArn, answer }) => [action, roleArn, answer])).toEqual(
    steps.map(({ action, role_arn }) => [action, role_arn, 'OK']),
  );
  expect(requests.map(({ externalId }) => externalId)).toEqual(
    steps.map((step) => ('external_id' in step ? step.external_id : undefined)),
  );
  // Who is not told a name for the session makes one up.
  expect(requests.map(({ roleSessionName }) => roleSessionName)).toEqual(
    steps.map(({ role_session_name = expect.stringMatching(/./) }) => role_session_name),
  );
  if (first?.AccessKey && steps.length > 0)
    expect(requests[0]?.accessKeyId).toBe(first.AccessKey.access_key_id);
  else if (first?.AccessKey) expect(set.AWS_ACCESS_KEY_ID).toBe(first.AccessKey.access_key_id);
  if (first?.Sso) {
    expect(sso?.asked.map(({ query }) => Object.fromEntries(query))).toEqual([
      { role_name: first.Sso.sso_role_name, account_id: first.Sso.sso_account_id },
    ]);
    expect(set.AWS_ACCESS_KEY_ID).toBe('ASIASSOEXAMPLE');
  }
  expect(set.AWSROLE_ROLE_ARN).toBe(arns.at(-1));
}

describe('the steps of a chain lead to credentials', () => {
  for (const one of CHAIN_CASES.filter(({ chain }) => chain !== undefined)) it(one.name, () => check(one));
});

/** Real accounts have twelve digits, and AWS and awsrole refuse others; keys are longer than those of the SDKs' cases. */
function real(text: string): string {
  return text
    .replaceAll(/123456789(?=:)/g, '123456789012')
    .replaceAll(
      /\b(abc123|ghi890|profile_b_key)\b/g,
      (key) => `AKIA${key.toUpperCase().replace(/\W|_/g, '')}EXAMPLE`,
    );
}

describeSdkCases<SdkChainCase>('assume-role.json', 19, (cases) => {
  it.each(cases.filter(({ output }) => output.ProfileChain !== undefined))('$docs', (one) => {
    const text = real(JSON.stringify(one)).replaceAll('/var/token.jwt', TOKEN_FILE);
    return check(chainCase(JSON.parse(text) as SdkChainCase));
  });
});
