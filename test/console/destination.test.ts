import { describe, expect, it } from 'vitest';
import { consoleOrigin, hasConsole, signInEndpoint } from '../../src/console/console-hosts.ts';
import { checkAsked, destination } from '../../src/console/destination.ts';
import { SERVICE_PAGES } from '../../src/console/service-pages.ts';
import { defaultRegion, type Partition } from '../../src/profiles/partition.ts';

const PARTITIONS: readonly Partition[] = ['aws', 'aws-us-gov', 'aws-cn', 'aws-eusc'];

/** The URL of a page, without a warning. */
function url(service: string | undefined, partition: Partition, region = defaultRegion(partition)): string {
  const found = destination({ service }, partition, region);
  expect(found.warning).toBe(undefined);
  return found.url;
}

describe('the hosts of the console', () => {
  it.each([
    ['aws', 'us-east-1', 'https://signin.aws.amazon.com', 'https://console.aws.amazon.com'],
    [
      'aws',
      'eu-west-1',
      'https://eu-west-1.signin.aws.amazon.com',
      'https://eu-west-1.console.aws.amazon.com',
    ],
    [
      'aws-us-gov',
      'us-gov-west-1',
      'https://signin.amazonaws-us-gov.com',
      'https://console.amazonaws-us-gov.com',
    ],
    [
      'aws-us-gov',
      'us-gov-east-1',
      'https://us-gov-east-1.signin.amazonaws-us-gov.com',
      'https://us-gov-east-1.console.amazonaws-us-gov.com',
    ],
    ['aws-cn', 'cn-north-1', 'https://signin.amazonaws.cn', 'https://console.amazonaws.cn'],
    [
      'aws-cn',
      'cn-northwest-1',
      'https://cn-northwest-1.signin.amazonaws.cn',
      'https://cn-northwest-1.console.amazonaws.cn',
    ],
    [
      'aws-eusc',
      'eusc-de-east-1',
      'https://eusc-de-east-1.signin.amazonaws-eusc.eu',
      'https://eusc-de-east-1.console.amazonaws-eusc.eu',
    ],
  ] as const)('of %s in %s', (partition, region, signIn, console) => {
    expect(signInEndpoint(partition, region)).toBe(signIn);
    expect(consoleOrigin(partition, region)).toBe(console);
  });

  it('are not known for other partitions', () => {
    for (const partition of ['aws-iso', 'aws-iso-b', 'aws-iso-e', 'aws-iso-f'] as const) {
      expect(() => signInEndpoint(partition, defaultRegion(partition))).toThrow(
        `awsrole knows no console of partition ${partition}`,
      );
    }
  });

  it('are there for regions, and not for what stands for all of them', () => {
    expect(hasConsole('aws', 'eu-west-1')).toBe(true);
    expect(hasConsole('aws', 'xx-west-1')).toBe(false);
    expect(hasConsole('aws', 'aws-global')).toBe(false);
    expect(hasConsole('aws', 'us-gov-west-1')).toBe(false);
  });
});

describe('the page of a service', () => {
  it('is in the region', () => {
    expect(url(undefined, 'aws')).toBe('https://console.aws.amazon.com/console/home?region=us-east-1');
    expect(url('s3', 'aws', 'eu-west-1')).toBe(
      'https://eu-west-1.console.aws.amazon.com/s3/home?region=eu-west-1',
    );
    expect(url('logs', 'aws-us-gov')).toBe(
      'https://console.amazonaws-us-gov.com/cloudwatch/home?region=us-gov-west-1#logsV2:log-groups',
    );
  });

  it('has aliases', () => {
    const pairs = {
      ddb: 'dynamodb',
      cfn: 'cloudformation',
      sm: 'secretsmanager',
      r53: 'route53',
      cw: 'cloudwatch',
    };
    for (const [alias, name] of Object.entries(pairs)) expect(url(alias, 'aws')).toBe(url(name, 'aws'));
    expect(url('ddb', 'aws')).toContain('/dynamodbv2/home?');
  });

  it('may be the same in all regions', () => {
    expect(url('iam', 'aws', 'eu-west-1')).toBe('https://console.aws.amazon.com/iam/home');
    expect(url('r53', 'aws-us-gov', 'us-gov-east-1')).toBe(
      'https://console.amazonaws-us-gov.com/route53/v2/home',
    );
    expect(url('iam', 'aws-cn', 'cn-northwest-1')).toBe('https://console.amazonaws.cn/iam/home');
    expect(url('billing', 'aws-eusc')).toBe('https://eusc-de-east-1.console.amazonaws-eusc.eu/billing/home');
  });

  it('is warned about where the partition has none', () => {
    expect(destination({ service: 'billing' }, 'aws-us-gov', 'us-gov-west-1').warning).toContain(
      'aws-us-gov has no page billing',
    );
  });

  it('is passed on where it is not known, with a warning', () => {
    expect(destination({ service: 'dynamo' }, 'aws', 'us-east-1')).toEqual({
      url: 'https://console.aws.amazon.com/dynamo/home?region=us-east-1',
      warning: 'awsrole does not know the page of "dynamo", and tries dynamo/home; did you mean "dynamodb"?',
    });
    expect(destination({ service: 'constructor' }, 'aws', 'us-east-1').url).toBe(
      'https://console.aws.amazon.com/constructor/home?region=us-east-1',
    );
  });

  it('has names that are no paths', () => {
    for (const service of [
      '',
      '../x',
      's3/',
      's3?x',
      's3#x',
      'S3',
      '%2e%2e',
      's 3',
      '$(id)',
      '\u001b[31m',
      's3\n',
    ]) {
      expect(() => checkAsked({ service }), service).toThrow('--service');
    }
  });

  it('has a name of its own each, and leads to the console', () => {
    for (const [name, page] of SERVICE_PAGES) {
      expect(name).toMatch(/^[a-z0-9-]+$/);
      for (const partition of PARTITIONS) {
        const { pathname } = new URL(destination({ service: name }, partition, defaultRegion(partition)).url);
        expect(pathname).toBe(`/${page.path}`);
      }
    }
    const names = [...new Set(SERVICE_PAGES.values())].flatMap(({ name, aliases }) => [name, ...aliases]);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('a URL of the console', () => {
  it.each([
    'https://console.aws.amazon.com/s3/home',
    'https://eu-west-1.console.aws.amazon.com/ec2/home?region=eu-west-1#Instances:state=running',
    'https://s3.console.aws.amazon.com/s3/buckets/a?b=c%20d',
    'https://123456789012-abc.us-east-1.console.aws.amazon.com/iam/home',
  ])('is taken: %s', (text) => {
    expect(destination({ url: text }, 'aws', 'us-east-1').url).toBe(text);
  });

  it.each([
    'http://console.aws.amazon.com/s3/home',
    'https://example.com/',
    'https://console.aws.amazon.com.example.com/',
    'https://xconsole.aws.amazon.com/',
    'https://console.aws.amazon.com@example.com/',
    'https://user:pass@console.aws.amazon.com/',
    'https://console.aws.amazon.com:8443/',
    'https://example.com\\.console.aws.amazon.com/',
    'https://example.com#.console.aws.amazon.com',
    'https://example.com?.console.aws.amazon.com',
    'https://console.amazonaws-us-gov.com/s3/home',
    'https://signin.aws.amazon.com/federation',
    'https://console.aws.amazon.com/\u001b[31m',
    'https://console.aws.amazon.com/a\nb',
    'javascript:alert(1)//console.aws.amazon.com',
    'console.aws.amazon.com/s3',
    '',
  ])('is refused: %j', (text) => {
    expect(() => destination({ url: text }, 'aws', 'us-east-1')).toThrow('--url');
  });

  it('belongs to the partition of the session', () => {
    const gov = 'https://console.amazonaws-us-gov.com/s3/home';
    expect(destination({ url: gov }, 'aws-us-gov', 'us-gov-west-1').url).toBe(gov);
    expect(() => destination({ url: gov }, 'aws-cn', 'cn-north-1')).toThrow('of partition aws-cn');
  });
});
