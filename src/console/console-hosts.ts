import { AwsroleError } from '../errors.ts';
import { defaultRegion, type Partition, partitionOfRegion } from '../profiles/partition.ts';

// Where AWS's console is, and where its sign-in page: in each partition under a domain of its own.

interface Domains {
  readonly signIn: string;
  readonly console: string;
  /** The region that both hosts stand for where they name none. */
  readonly unnamed?: string;
}

const DOMAINS: Readonly<Partial<Record<Partition, Domains>>> = {
  aws: { signIn: 'signin.aws.amazon.com', console: 'console.aws.amazon.com', unnamed: 'us-east-1' },
  'aws-us-gov': {
    signIn: 'signin.amazonaws-us-gov.com',
    console: 'console.amazonaws-us-gov.com',
    unnamed: 'us-gov-west-1',
  },
  'aws-cn': { signIn: 'signin.amazonaws.cn', console: 'console.amazonaws.cn', unnamed: 'cn-north-1' },
  'aws-eusc': { signIn: 'signin.amazonaws-eusc.eu', console: 'console.amazonaws-eusc.eu' },
};

function domainsOf(partition: Partition): Domains {
  const domains = DOMAINS[partition];
  if (domains !== undefined) return domains;
  const known = Object.keys(DOMAINS).join(', ');
  throw new AwsroleError('configuration', `awsrole knows no console of partition ${partition}`, {
    hint: `it opens those of ${known}`,
  });
}

/** @throws AwsroleError kind `configuration` for a partition whose console is not known */
export function checkPartition(partition: Partition): void {
  domainsOf(partition);
}

function inRegion(domain: string, region: string, { unnamed }: Domains): string {
  return region === unnamed ? domain : `${region}.${domain}`;
}

/** Returns AWS's own sign-in endpoint for a region. */
export function signInEndpoint(partition: Partition, region: string): string {
  const domains = domainsOf(partition);
  return `https://${inRegion(domains.signIn, region, domains)}`;
}

/**
 * Returns the origin of the console.
 * @param region undefined for pages that are the same in all regions
 */
export function consoleOrigin(partition: Partition, region: string | undefined): string {
  const domains = domainsOf(partition);
  const host = inRegion(domains.console, region ?? domains.unnamed ?? defaultRegion(partition), domains);
  return `https://${host}`;
}

/** True for a host of the console of a partition, such as `s3.console.aws.amazon.com`. */
export function isConsoleHost(partition: Partition, host: string): boolean {
  const { console } = domainsOf(partition);
  return host === console || host.endsWith(`.${console}`);
}

/** True for a region that has a console: `aws-global` has none. */
export function hasConsole(partition: Partition, region: string): boolean {
  return partitionOfRegion(region) === partition && !region.endsWith('-global');
}
