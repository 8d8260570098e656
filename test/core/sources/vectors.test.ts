import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { vectors } from '../../profiles/vectors.ts';
import { makeWorld, section } from '../world.ts';
import { type Fake, fakeSso, inSeconds, someCredentials } from './fakes.ts';

// The AWS SDKs' test cases say which steps lead to a profile's credentials: here the steps are taken.

type Settings = Record<string, string>;
interface Step {
  readonly AccessKey?: { access_key_id: string; secret_access_key: string; account_id?: string };
  readonly AssumeRole?: { role_arn: string; external_id?: string };
  readonly WebIdentityToken?: {
    role_arn: string;
    web_identity_token_file: string;
    role_session_name?: string;
  };
  readonly Sso?: Settings;
}
interface Case {
  readonly docs: string;
  readonly input: {
    readonly profiles: Record<string, Settings>;
    readonly selected_profile: string;
    readonly sso_sessions?: Record<string, Settings>;
  };
  readonly output: { readonly ProfileChain?: readonly Step[]; readonly Error?: string };
}

/** Real accounts have twelve digits, and AWS and awsrole refuse others; keys are longer than those of the cases. */
function real(text: string): string {
  return text
    .replaceAll(/123456789(?=:)/g, '123456789012')
    .replaceAll(
      /\b(abc123|ghi890|profile_b_key)\b/g,
      (key) => `AKIA${key.toUpperCase().replace(/\W|_/g, '')}EXAMPLE`,
    );
}

const cases = vectors<Case>('assume-role.json').filter(({ output }) => output.ProfileChain !== undefined);

describe('the test cases of the AWS SDKs', () => {
  it.each(cases.map((one) => [one.docs, one] as const))('lead to credentials: %s', async (_docs, one) => {
    const { input, output } = JSON.parse(real(JSON.stringify(one))) as Case;
    const chain = output.ProfileChain ?? [];
    const [first] = chain;
    const arns = chain.flatMap(({ AssumeRole, WebIdentityToken }) => {
      const arn = AssumeRole?.role_arn ?? WebIdentityToken?.role_arn;
      return arn === undefined ? [] : [arn];
    });
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
    const config = Object.entries(input.profiles).map(([name, settings]) =>
      section(`profile ${name}`, settings),
    );
    world.write({ config: config.join('').replaceAll('/var/token.jwt', tokenFile) });
    const env: Record<string, string> = {};
    let sso: Fake | undefined;
    if (first?.Sso) {
      sso = await fakeSso({ tokens: ['sso-token'], role: () => someCredentials(world, 'sso') });
      env.AWS_ENDPOINT_URL_SSO = sso.url;
      const folder = join(world.home, '.aws', 'sso', 'cache');
      mkdirSync(folder, { recursive: true });
      const name = createHash('sha1')
        .update(first.Sso.sso_start_url ?? '')
        .digest('hex');
      writeFileSync(
        join(folder, `${name}.json`),
        JSON.stringify({ accessToken: world.keepSecret('sso-token'), expiresAt: inSeconds(3600) }),
      );
    }

    const { set } = await world.lines(input.selected_profile, { env });

    const requests = world.sts.requests();
    expect(requests.map(({ action, roleArn, answer }) => [action, roleArn, answer])).toEqual(
      chain.flatMap(({ AssumeRole, WebIdentityToken }) => [
        ...(AssumeRole ? [['AssumeRole', AssumeRole.role_arn, 'OK']] : []),
        ...(WebIdentityToken ? [['AssumeRoleWithWebIdentity', WebIdentityToken.role_arn, 'OK']] : []),
      ]),
    );
    for (const [index, { AssumeRole, WebIdentityToken }] of chain
      .filter(({ AccessKey, Sso }) => !AccessKey && !Sso)
      .entries()) {
      const { externalId, roleSessionName } = requests[index] ?? {};
      expect(externalId).toBe(AssumeRole?.external_id);
      if (WebIdentityToken?.role_session_name)
        expect(roleSessionName).toBe(WebIdentityToken.role_session_name);
    }
    if (first?.AccessKey) expect(requests[0]?.accessKeyId).toBe(first.AccessKey.access_key_id);
    if (first?.Sso) {
      expect(sso?.asked.map(({ query }) => Object.fromEntries(query))).toEqual([
        { role_name: first.Sso.sso_role_name, account_id: first.Sso.sso_account_id },
      ]);
      expect(set.AWS_ACCESS_KEY_ID).toBe('ASIASSOEXAMPLE');
    } else {
      expect(set.AWSROLE_ROLE_ARN).toBe(arns.at(-1));
    }
  });
});
