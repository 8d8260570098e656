import { variableOf } from '../profiles/file-location.ts';
import { quoted } from '../profiles/printable.ts';
import { ALWAYS_UNSET } from '../sessions/shell-variables.ts';
import { type Check, type Examined, type Finding, note, ok, wrong } from './finding.ts';

/** Marks of other tools, of which a switch leaves some where they are. */
const OTHER_TOOLS =
  /^(AWSUME_|AWSU_|GRANTED_|SAML2AWS_|AWS_VAULT|AWS_OKTA_|AWS_SSO_PROFILE$|OKTA_AWS_|LEAPP_)/;
/** They set such a tool up, and say nothing of what the shell holds. */
const SET_UP =
  /^(AWS_VAULT_(BACKEND|KEYCHAIN_NAME|PASS_\w+|FILE_\w+|PROMPT|BIOMETRICS)|SAML2AWS_(URL|USERNAME|IDP_\w+|MFA|PROFILE|ROLE|SESSION_DURATION|CONFIGFILE)|GRANTED_\w*(CONFIG|BROWSER|ALIAS)\w*|AWSUME_FZF\w*)$/;
const CHOOSERS = ['AWS_PROFILE', 'AWS_DEFAULT_PROFILE'];

/** The variables of this shell that decide, or contradict, who it is for AWS. */
export const variablesCheck: Check = {
  name: 'variables',
  waitsFor: 'the variables of this shell',
  look: (examined) => {
    const findings = [
      ...keysOf(examined),
      ...chooserOf(examined),
      ...leftovers(examined),
      ...absentFiles(examined),
    ];
    return findings.length > 0
      ? findings
      : [ok('no variable in this shell names AWS credentials or a profile')];
  },
};

function keysOf({ shell }: Examined): Finding[] {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = shell;
  if (Boolean(id) !== Boolean(secret)) {
    const [there, lacking] = id
      ? ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']
      : ['AWS_SECRET_ACCESS_KEY', 'AWS_ACCESS_KEY_ID'];
    return [wrong(`${there} is set in this shell without ${lacking}`, `unset ${there}`)];
  }
  if (!id) {
    if (shell.AWSROLE_PROFILE) return [lostRole(shell.AWSROLE_PROFILE)];
    return token
      ? [wrong('AWS_SESSION_TOKEN is set in this shell without keys', 'unset AWS_SESSION_TOKEN')]
      : [];
  }
  if (shell.AWSROLE_PROFILE && id === shell.AWSROLE_ACCESS_KEY_ID) {
    return [ok(`this shell holds ${quoted(shell.AWSROLE_PROFILE)}`)];
  }
  if (shell.AWSROLE_PROFILE) return [lostRole(shell.AWSROLE_PROFILE)];
  const what = token ? 'a session' : 'long-lived keys';
  return [
    note(
      `this shell holds ${what} that awsrole did not put there (AWS_ACCESS_KEY_ID)`,
      'a switch replaces them, and awsrole off brings them back; if you do not need them: unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN',
    ),
  ];
}

function lostRole(profile: string): Finding {
  return wrong(
    `this shell was switched to ${quoted(profile)}, and holds other keys now`,
    'switch again, or run: awsrole off',
  );
}

function chooserOf({ shell, files }: Examined): Finding[] {
  const name = CHOOSERS.find((chooser) => shell[chooser]);
  const profile = name === undefined ? undefined : shell[name];
  if (name === undefined || !profile) return [];
  if (shell.AWS_ACCESS_KEY_ID) {
    return [
      wrong(
        `${name} and keys are both set in this shell: some programs use one, some the other`,
        `unset ${name}`,
      ),
    ];
  }
  if (files !== undefined && !files.store.profiles.has(profile)) {
    return [wrong(`${name} names ${quoted(profile)}, and there is no such profile`, `unset ${name}`)];
  }
  return [note(`${name} is ${quoted(profile)}: programs here use that profile until a switch unsets it`)];
}

function leftovers({ shell }: Examined): Finding[] {
  const ours = shell.AWSUME_PROFILE !== undefined && shell.AWSUME_PROFILE === shell.AWSROLE_PROFILE;
  const names = Object.keys(shell).filter(
    (name) =>
      shell[name] &&
      !CHOOSERS.includes(name) &&
      !(ours && name === 'AWSUME_PROFILE') &&
      (ALWAYS_UNSET.includes(name) || (OTHER_TOOLS.test(name) && !SET_UP.test(name))),
  );
  if (names.length === 0) return [];
  const unset = names.filter((name) => ALWAYS_UNSET.includes(name));
  const stay = names.filter((name) => !ALWAYS_UNSET.includes(name));
  return [
    ...(unset.length > 0
      ? [note(`set in this shell, and taken out by a switch: ${unset.sort().join(', ')}`)]
      : []),
    ...(stay.length > 0 ? [note(`left by another tool in this shell: ${stay.sort().join(', ')}`)] : []),
  ];
}

function absentFiles({ context, files }: Examined): Finding[] {
  const absent = (['config', 'credentials'] as const).filter((kind) => files !== undefined && !files[kind]);
  return absent.flatMap((kind) => {
    const variable = variableOf(kind, context.env);
    return variable === undefined
      ? []
      : [wrong(`${variable} names a file that is not there`, `correct it, or unset ${variable}`)];
  });
}
