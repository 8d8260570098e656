import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { SAMPLE_WORLD, sampleFiles } from '../../src/demo/sample-world.ts';
import { aws, hasBoth, python } from '../aws-tools.ts';
import { makeWorld, needs, roleArn, section, USER101_KEYS, type World } from '../world.ts';

const ACCOUNT = '123456789012';
/** Somebody else's keys, which no program may take. */
const OTHER = {
  arn: `arn:aws:iam::${ACCOUNT}:user/other`,
  accessKeyId: 'AKIAOTHER100EXAMPLE0',
  secretAccessKey: 'sandbox+other/notARealSecret000EXAMPLEKE',
};
const PROVIDERS = fileURLToPath(new URL('../../node_modules/@aws-sdk', import.meta.url));

/** With keys in [default], which every SDK falls back to. Sessions are of 15 minutes. */
async function world(settings: Record<string, string> = {}): Promise<World> {
  const made = await makeWorld({
    ...SAMPLE_WORLD,
    users: [...SAMPLE_WORLD.users, OTHER],
    credentials:
      sampleFiles().credentials +
      section('default', {
        aws_access_key_id: OTHER.accessKeyId,
        aws_secret_access_key: OTHER.secretAccessKey,
        region: 'eu-central-1',
      }),
    config:
      sampleFiles().config +
      section('profile short', {
        role_arn: roleArn('plain'),
        source_profile: 'user101',
        region: 'eu-west-1',
        duration_seconds: '900',
        ...settings,
      }),
  });
  return made;
}

function serve(made: World, command: readonly string[], more: Record<string, string> = {}) {
  return made.run(['exec', '--serve', 'short', '--', ...command], { env: more });
}

function served(made: World): string[] {
  const folder = join(made.cache, 'served');
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** A shell command that has the kept sessions end, as time does. */
function age(made: World): string {
  const script = join(made.home, 'age.mjs');
  writeFileSync(
    script,
    `import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
     const folder = '${made.cache}/sessions/';
     for (const name of readdirSync(folder)) {
       const text = readFileSync(folder + name, 'utf8');
       writeFileSync(folder + name, text.replace(/"(expires|obtained)":(\\d+)/g, (_, key, time) => \`"\${key}":\${time - 900}\`));
     }`,
  );
  return `"${process.execPath}" "${script}"`;
}

describe('exec --serve', () => {
  it('gives programs a profile to ask by, no keys, and what the profile says', async () => {
    const made = await world({ s3: '\n  addressing_style = path', output: 'text' });
    const run = await serve(
      made,
      ['sh', '-c', 'env; echo ---; cat "$AWS_CONFIG_FILE"; ls -l "$AWS_CONFIG_FILE"'],
      {
        AWS_PROFILE: 'user101',
        AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:1/',
        AWS_ACCESS_KEY_ID: OTHER.accessKeyId,
        AWS_SECRET_ACCESS_KEY: OTHER.secretAccessKey,
      },
    );
    expect(run).toMatchObject({ status: 0, stderr: '' });
    const [env = '', text = ''] = run.stdout.split('---\n');
    expect(env).toMatch(/^AWS_PROFILE=awsrole-served-/m);
    expect(env).toMatch(/^AWS_REGION=eu-west-1$/m);
    expect(env).toMatch(/^AWS_SDK_LOAD_CONFIG=1$/m);
    expect(env).not.toMatch(/^AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|CONTAINER_|IGNORE_)/m);
    expect(env).not.toContain('AWSROLE_PROFILE');
    expect(text).toContain(sampleFiles().config);
    expect(text).toMatch(
      /\[profile awsrole-served-\S+\]\ncredential_process = \S+awsrole credential-process awsrole-served-/,
    );
    expect(text).toContain('\ns3 =\n  addressing_style = path\n');
    expect(text).toContain('-rw-------');
    expect(served(made)).toEqual([]);
  });

  it('is the role for a program that asks again and again, never [default]', needs(hasBoth), async () => {
    const made = await world();
    const script = `
import boto3, subprocess
session = boto3.Session()
for turn in range(4):
    print(session.client('sts').get_caller_identity()['Arn'], session.get_credentials().get_frozen_credentials().access_key)
    subprocess.run(${JSON.stringify(age(made))}, shell=True, check=True)
`;
    const run = await serve(made, [python, '-c', script]);
    expect(run).toMatchObject({ status: 0, stderr: '' });
    const lines = run.stdout.trim().split('\n');
    expect(lines).toHaveLength(4);
    for (const line of lines) expect(line).toContain(':assumed-role/plain/');
    expect(new Set(lines.map((line) => line.split(' ')[1])).size).toBe(4);
    const cli = `for turn in 1 2 3; do "${aws}" sts get-caller-identity --query Arn --output text; ${age(made)}; done`;
    const again = await serve(made, ['sh', '-c', cli]);
    expect(again.stdout.match(/:assumed-role\/plain\//g)).toHaveLength(3);
  });

  it('is the role for the SDK for JavaScript, in its own chain', async () => {
    const made = await world();
    const script = `
import { createRequire } from 'node:module';
import { execSync } from 'node:child_process';
const require = createRequire('${PROVIDERS}/client-sts/package.json');
const { fromIni } = require('@aws-sdk/credential-provider-ini');
const { STSClient, GetCallerIdentityCommand } = require('@aws-sdk/client-sts');
for (let turn = 0; turn < 3; turn += 1) {
  const client = new STSClient({ credentials: fromIni({ ignoreCache: true }) });
  console.log((await client.send(new GetCallerIdentityCommand({}))).Arn);
  execSync(${JSON.stringify(age(made))});
}`;
    const run = await serve(made, [process.execPath, '--input-type=module', '-e', script]);
    expect(run.stdout.match(/:assumed-role\/plain\//g)).toHaveLength(3);
  });

  it('says once why a program gets nothing, though the program does not', async () => {
    const made = await world();
    const lost = `sed -i 's/${USER101_KEYS.aws_access_key_id}/AKIAGONE/' "$HOME/.aws/credentials"`;
    const ask = '$(sed -n "s/^credential_process = //p" "$AWS_CONFIG_FILE") 2>/dev/null';
    const run = await serve(made, [
      'sh',
      '-c',
      `${age(made)}; ${age(made)}; ${lost}; ${ask}; ${ask}; sleep 2; echo done`,
    ]);
    expect(run).toMatchObject({ status: 0, stdout: 'done\n' });
    expect(run.stderr.match(/AKIAGONE/g)).toHaveLength(1);
  });

  it("ends with its command: its status, its signal, its files' end", async () => {
    const made = await world();
    expect(await serve(made, ['sh', '-c', 'exit 7'])).toMatchObject({ status: 7 });
    expect(await serve(made, ['sh', '-c', 'kill -TERM $$'])).toMatchObject({ signal: 'SIGTERM' });
    expect(await serve(made, ['no-such-command'])).toMatchObject({ status: 127 });
    expect(served(made)).toEqual([]);
    // One that was killed itself is cleared away by the next.
    await serve(made, ['sh', '-c', 'kill -9 $PPID']);
    expect(served(made)).toHaveLength(1);
    await serve(made, ['true']);
    expect(served(made)).toEqual([]);
  });

  it('renews a role with MFA from the MFA session, without a code', needs(hasBoth), async () => {
    const made = await world();
    const cli = `for turn in 1 2 3; do "${aws}" sts get-caller-identity --query Arn --output text; ${age(made)}; ${age(made)}; ${age(made)}; ${age(made)}; done`;
    const run = await made.run(['exec', '--serve', '--mfa-code', '-', 'role101', '--', 'sh', '-c', cli], {
      input: `${made.code()}\n`,
    });
    expect(run).toMatchObject({ status: 0, stderr: '' });
    expect(run.stdout.match(/:assumed-role\/role101\//g)).toHaveLength(3);
    expect(made.sts.requests().filter(({ tokenCode }) => tokenCode)).toHaveLength(1);
  });

  it('says beforehand when no new session can be had without a code', async () => {
    const made = await world();
    const run = await made.run(['exec', '--serve', '--mfa-code', '-', 'long', '--', 'true'], {
      input: `${made.code()}\n`,
    });
    expect(run.status).toBe(0);
    expect(run.stderr).toContain('takes an MFA code (its sessions last longer than 1 h)');
  });

  it('takes flags, odd names and files that are pipes', async () => {
    const name = "odd 'name $(touch x)`y`";
    const made = await makeWorld({
      config: section(`profile "${name}"`, {
        role_arn: roleArn('plain'),
        source_profile: 'user101',
        region: 'eu-west-1',
      }),
    });
    const ask = '$(sed -n "s/^credential_process = //p" "$AWS_CONFIG_FILE")';
    const run = await made.run([
      'exec',
      '--serve',
      '--region',
      'us-west-2',
      name,
      '--',
      'sh',
      '-c',
      `${ask}; echo $AWS_REGION`,
    ]);
    expect(run.stderr).toBe('');
    expect(run.stdout).toMatch(/"AccessKeyId":"ASIA.*\nus-west-2\n$/s);
    expect(readFileSync(join(made.home, '.aws', 'config'), 'utf8')).not.toContain('served');
  });
});
