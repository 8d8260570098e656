import type { Property } from './shared-config-file.ts';
import { LATEST, secondsOfTimestamp } from './timestamp.ts';

// Keys that end, written into an AWS file by saml2aws, aws-mfa and their kind. AWS's own tools know nothing of that end,
// so each of those tools has a word of its own for it. What they write was read in their sources.

/** When temporary keys end, as their file says it. */
export interface KeysEnd {
  readonly key: string;
  readonly property: Property;
  /** Epoch seconds; undefined where the time cannot be read. */
  readonly seconds: number | undefined;
}

type Properties = ReadonlyMap<string, Property>;

/** `expiration`, `x_security_token_expires`, `aws_session_expiration`, `aws_expiration`, `token_expiration`, `expires`… */
const END =
  /^(?:x_)?(?:aws_)?(?:(?:session|security)_token_|(?:session|security|token|credentials?)_)?(?:expir(?:ation|y|es?)(?:_(?:time|date|at|timestamp))?|valid_until)$/;

/** True for a setting that says when the keys beside it end. */
export function saysEndOfKeys(key: string): boolean {
  return END.test(key);
}

/**
 * Finds out when the temporary keys of a profile end. A tool that uses a section of another's may leave the other's word
 * standing there: the latest time counts, because earlier ones cannot be those of the keys.
 * @param file the file that the keys are in; another counts only where that one says nothing
 */
export function endOfKeys(properties: Properties, file: string | undefined): KeysEnd | undefined {
  const found = [...properties].filter(([key, { value }]) => saysEndOfKeys(key) && value !== '');
  const beside = found.filter(([, property]) => property.file === file);
  // awsume alone writes the time of this computer's zone and does not say so; aws-mfa does the same with UTC.
  const zoneless = isOfAwsume(properties) ? 'local' : 'utc';
  const ends = (beside.length > 0 ? beside : found).map(([key, property]): KeysEnd => {
    const seconds = secondsOfTimestamp(property.value.replace(/^(["'])(.*)\1$/s, '$2'), zoneless);
    return { key, property, seconds: seconds !== undefined && seconds > LATEST ? undefined : seconds };
  });
  // saml2aws writes the year 1 where it knows no time.
  const known = ends.filter(({ seconds }) => seconds === undefined || seconds > 0);
  return known.sort((a, b) => (b.seconds ?? 0) - (a.seconds ?? 0))[0];
}

/** Says who wrote the keys of a profile, as far as its settings tell, and what gets new ones. */
export function renewalOfKeys(
  name: string,
  properties: Properties,
  names: ReadonlyMap<string, unknown>,
): string {
  const word = /^[\w@%+=:,.-]+$/.test(name) && !name.startsWith('-') ? name : 'NAME';
  const has = (start: string): boolean => [...properties.keys()].some((key) => key.startsWith(start));
  const named = (command: string): string => `${command} --profile ${word}`;
  const samlLogin = name === 'saml' ? 'saml2aws login' : named('saml2aws login');
  const wrote = (tool: string, command: string): string => `${tool} wrote them; run: ${command}`;
  const mayHave = (tools: string, commands: string): string =>
    `${tools} may have written them; run: ${commands}`;

  if (isOfAwsume(properties)) {
    return wrote(
      'awsume',
      `awsume ${name.startsWith('autoawsume-') ? `${word.replace('autoawsume-', '')} -a` : `PROFILE -o ${word}`}`,
    );
  }
  if (properties.has('assumed_role') || names.has(`${name}-long-term`))
    return wrote('aws-mfa', named('aws-mfa'));
  if (properties.has('x_principal_arn')) return wrote('saml2aws', samlLogin);
  if (has('azure_')) return wrote('aws-azure-login', named('aws-azure-login'));
  if (has('google_config.')) return wrote('aws-google-auth', named('aws-google-auth'));
  if (has('adfs_config.')) return wrote('aws-adfs', named('aws-adfs login'));
  if (properties.has('x_security_token_expires')) {
    return mayHave(
      'saml2aws, gimme-aws-creds or okta-aws-cli',
      `${samlLogin}, gimme-aws-creds, or okta-aws-cli`,
    );
  }
  if (properties.has('aws_expiration')) {
    return mayHave('aws-azure-login or clisso', `${named('aws-azure-login')}, or clisso get`);
  }
  if (properties.has('aws_session_expiration')) {
    return mayHave(
      'aws-google-auth, okta-awscli or yawsso',
      `${named('aws-google-auth')}, ${named('okta-awscli')}, or yawsso`,
    );
  }
  if (properties.has('expiration')) return mayHave('aws-mfa or awsume', `${named('aws-mfa')}, or awsume`);
  return 'whatever wrote them there has to write new ones';
}

function isOfAwsume(properties: Properties): boolean {
  return properties.has('autoawsume') || properties.get('manager')?.value === 'awsume';
}
