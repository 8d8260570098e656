import type { StsRole, StsUser } from './sts-world.ts';

const ACCOUNT = '123456789012';

/** The device of user101, as in the sample files. */
export const SAMPLE_MFA_SERIAL = `arn:aws:iam::${ACCOUNT}:mfa/user101`;

// Keys that no scanner takes for real ones: they contain 0 and 1, which AWS's never do, and EXAMPLE.
const USER101: StsUser = {
  arn: `arn:aws:iam::${ACCOUNT}:user/user101`,
  accessKeyId: 'AKIAUSER10100EXAMPLE',
  secretAccessKey: 'sandbox+user101/notARealSecret0EXAMPLEKE',
  mfa: { serial: SAMPLE_MFA_SERIAL, secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP' },
  allow: [
    'iam:ListAccessKeys',
    'iam:CreateAccessKey',
    'iam:UpdateAccessKey',
    'iam:DeleteAccessKey',
    'iam:GetAccessKeyLastUsed',
  ],
};

const USER_GOV: StsUser = {
  arn: `arn:aws-us-gov:iam::${ACCOUNT}:user/user-gov`,
  accessKeyId: 'AKIAUSERGOV00EXAMPLE',
  // Begins with a slash, which a shell on Windows takes for a path.
  secretAccessKey: '/sandbox+usergov/notARealSecretEXAMPLEKE',
  mfa: { serial: `arn:aws-us-gov:iam::${ACCOUNT}:mfa/user-gov`, secret: 'KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU' },
};

const USER_CN: StsUser = {
  arn: `arn:aws-cn:iam::${ACCOUNT}:user/user-cn`,
  accessKeyId: 'AKIAUSERCN000EXAMPLE',
  secretAccessKey: 'sandbox+usercn/notARealSecret00EXAMPLEKE',
};

function role(name: string, trust: Partial<StsRole['trust']> = {}, partition = 'aws'): StsRole {
  return {
    arn: `arn:${partition}:iam::${ACCOUNT}:role/${name}`,
    trust: { principals: [USER101.arn], ...trust },
  };
}

/** The built-in world: one user with an MFA device, roles of every kind, and users and roles of two other partitions. */
export const SAMPLE_WORLD: { readonly users: readonly StsUser[]; readonly roles: readonly StsRole[] } = {
  users: [USER101, USER_GOV, USER_CN],
  roles: [
    role('role101', { mfa: true }),
    role('role102', { mfa: true }),
    role('plain', { principals: [`arn:aws:iam::${ACCOUNT}:root`] }),
    role('chained', { principals: [`arn:aws:iam::${ACCOUNT}:role/role101`] }),
    role('external', { externalId: 'partner-7/east' }),
    { ...role('long', { mfa: true }), maxSessionDuration: 43_200 },
    role('mfaage', { mfa: true, maxMfaAgeSeconds: 60 }),
    role('gov', { principals: [USER_GOV.arn], mfa: true }, 'aws-us-gov'),
    role('cn', { principals: [USER_CN.arn] }, 'aws-cn'),
  ],
};

function section(name: string, settings: Record<string, string>): string {
  const lines = Object.entries(settings).map(([key, value]) => `${key} = ${value}\n`);
  return `[${name}]\n${lines.join('')}\n`;
}

function userSection(name: string, user: StsUser, region: string): string {
  return section(name, {
    aws_access_key_id: user.accessKeyId,
    aws_secret_access_key: user.secretAccessKey,
    region,
    output: 'json',
  });
}

function roleSection(name: string, more: Record<string, string>, partition = 'aws'): string {
  return section(name, {
    role_arn: `arn:${partition}:iam::${ACCOUNT}:role/${name.replace('profile ', '')}`,
    ...more,
  });
}

/** Makes a `~/.aws/credentials` and a `~/.aws/config` for {@link SAMPLE_WORLD}; every role is a profile of its name. */
export function sampleFiles(): { credentials: string; config: string } {
  const mfa = { mfa_serial: SAMPLE_MFA_SERIAL };
  const fromUser101 = { output: 'json', source_profile: 'user101' };
  return {
    credentials: [
      userSection('user101', USER101, 'us-east-1'),
      roleSection('role101', { ...mfa, ...fromUser101 }),
      roleSection('role102', { ...mfa, ...fromUser101 }),
      userSection('user-gov', USER_GOV, 'us-gov-west-1'),
      userSection('user-cn', USER_CN, 'cn-north-1'),
    ].join(''),
    config: [
      roleSection('profile plain', { source_profile: 'user101', region: 'eu-west-1' }),
      roleSection('profile chained', { source_profile: 'role101', region: 'us-east-1' }),
      roleSection('profile external', {
        external_id: 'partner-7/east',
        source_profile: 'user101',
        region: 'us-east-1',
      }),
      roleSection('profile long', { ...mfa, duration_seconds: '43200', ...fromUser101, region: 'us-east-1' }),
      roleSection('profile mfaage', { ...mfa, ...fromUser101, region: 'us-east-1' }),
      roleSection(
        'profile gov',
        { mfa_serial: USER_GOV.mfa?.serial ?? '', source_profile: 'user-gov', region: 'us-gov-west-1' },
        'aws-us-gov',
      ),
      roleSection('profile cn', { source_profile: 'user-cn', region: 'cn-north-1' }, 'aws-cn'),
    ].join(''),
  };
}
