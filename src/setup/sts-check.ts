import type { Context } from '../context.ts';
import type { StsSettings } from '../credentials/sts/client-options.ts';
import { requestHandler } from '../credentials/sts/http.ts';
import { networkReason } from '../credentials/sts/refusal.ts';
import { environmentStsSettings, stsSettings } from '../credentials/sts/settings.ts';
import { AwsroleError } from '../errors.ts';
import { printable } from '../profiles/printable.ts';
import { resolveRoleChain } from '../profiles/role-chain.ts';
import { type Check, type Examined, type Finding, note, ok, unknown, wrong } from './finding.ts';

const SECONDS = 6;
/** Nobody signs it: the refusal comes from STS all the same. */
const QUESTION = '/?Action=GetCallerIdentity&Version=2011-06-15';
/** AWS refuses what is signed with a clock that is off by more; a code of an app has 30 s. */
const MOST_SKEW = 300;
const CODE_SKEW = 30;
const SET_CLOCK = 'let the system set its clock from the network (NTP)';

/** What one STS has answered. */
interface Answer {
  readonly where: string;
  /** How far its clock is ahead of this computer's, in seconds; undefined where it says no time. */
  readonly ahead?: number | undefined;
  /** Why it gave none. */
  readonly fault?: Finding | undefined;
}

/** Whether STS answers wherever a profile needs it, and what it says of this computer's clock. */
export const stsCheck: Check = {
  name: 'sts',
  waitsFor: 'STS to answer in the regions that are used',
  look: async (examined) => {
    const answers = await Promise.all(
      [...stsInUse(examined)].map(([where, settings]) => ask(examined.context, shown(where), settings)),
    );
    const good = answers.filter(({ fault }) => fault === undefined);
    const bad = answers.flatMap(({ fault }) => (fault === undefined ? [] : [fault]));
    // Where one answers, it is not the network that keeps the others.
    const faults = good.length === 0 ? bad : bad.map((fault) => ({ ...fault, state: 'wrong' as const }));
    const reached = good.map(({ where }) => where).sort();
    return [
      ...(reached.length > 0 ? [ok(`STS answers: ${reached.join(', ')}`)] : []),
      ...faults,
      { ...clockFinding(good.flatMap(({ ahead }) => (ahead === undefined ? [] : [ahead]))), about: 'clock' },
    ];
  },
};

/** Finds where STS is asked for the profiles that there are, once each; without a profile, where the shell would ask. */
function stsInUse({ context, files }: Examined): Map<string, StsSettings> {
  const found = new Map<string, StsSettings>();
  const add = (settings: StsSettings): void => {
    const { endpoint, region, useFipsEndpoint, useDualstackEndpoint } = settings;
    const kind = `${useFipsEndpoint ? ' (FIPS)' : ''}${useDualstackEndpoint ? ' (dual stack)' : ''}`;
    const where = endpoint ?? `${region}${kind}`;
    if (!found.has(where)) found.set(where, settings);
  };
  for (const name of files?.store.profiles.keys() ?? []) {
    try {
      if (files) add(stsSettings(context.env, files.store, resolveRoleChain(files.store, name)));
    } catch (error) {
      if (!(error instanceof AwsroleError)) throw error; // that profile is named by the check of the files
    }
  }
  if (found.size === 0) add(environmentStsSettings(context.env));
  return found;
}

/** What a path of an endpoint says is nobody's business. */
function shown(where: string): string {
  return printable(URL.canParse(where) ? new URL(where).origin : where);
}

async function ask(context: Context, where: string, settings: StsSettings): Promise<Answer> {
  const callSeconds = Math.min(settings.callSeconds, SECONDS);
  try {
    const { stsUrl } = await import('../credentials/sts/client.ts');
    const url = new URL(QUESTION, stsUrl(settings));
    const handler = await requestHandler(() => url.href, { ...settings, callSeconds });
    try {
      const before = context.now();
      const { headers, text, status } = await handler.send(url, 'GET', { host: url.host });
      const now = (before + context.now()) / 2;
      const isSts = headers['x-amzn-requestid'] !== undefined || /<ErrorResponse|<Error>/.test(text);
      if (!isSts) {
        return {
          where,
          fault: wrong(
            `what answers for STS (${where}) is not STS (HTTP ${status})`,
            'sign in to the network (a captive portal?), or look at the proxy and the endpoint',
          ),
        };
      }
      const theirs = Date.parse(headers.date ?? '');
      return { where, ahead: Number.isNaN(theirs) ? undefined : (theirs - now) / 1000 };
    } finally {
      handler.destroy();
    }
  } catch (error) {
    return { where, fault: faultOf(error, where) };
  }
}

function faultOf(error: unknown, where: string): Finding {
  if (error instanceof AwsroleError) return wrong(error.message, error.hint);
  const reason = networkReason(error);
  if (reason === undefined)
    return wrong(`there is no STS (${where}): ${printable((error as Error).message)}`);
  const says = `STS (${where}) ${reason}`;
  // What has a wrong certificate was reached.
  if (reason.includes('certificate'))
    return wrong(says, 'AWS_CA_BUNDLE or ca_bundle has to name the certificate');
  return unknown(says, 'check the network, a proxy or VPN, and the endpoint');
}

/** STS says whole seconds, and the way takes some time. */
function clockFinding(ahead: readonly number[]): Finding {
  // One of many servers may itself be wrong.
  const skew = [...ahead].sort((a, b) => a - b)[Math.floor(ahead.length / 2)];
  if (skew === undefined) return unknown("this computer's clock could not be compared: no STS has answered");
  const seconds = Math.round(Math.abs(skew));
  if (seconds < CODE_SKEW) return ok("this computer's clock agrees with that of STS");
  const says = `this computer's clock is ${seconds} s ${skew > 0 ? 'slow' : 'fast'}`;
  if (seconds < MOST_SKEW) return note(`${says}: an MFA code that is made here may be refused`, SET_CLOCK);
  return wrong(
    `${says}: AWS refuses what is signed with it, unless the program corrects that itself`,
    SET_CLOCK,
  );
}
