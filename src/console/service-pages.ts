import type { Partition } from '../profiles/partition.ts';

/** A page of the console. */
export interface ServicePage {
  readonly name: string;
  readonly aliases: readonly string[];
  /** What completion says of it. */
  readonly about: string;
  readonly path: string;
  /** What stands behind the region. */
  readonly fragment?: string;
  /** The same in all regions. */
  readonly global?: true;
  readonly missing?: Readonly<Partial<Record<Partition, string>>>;
}

type More = Omit<ServicePage, 'name' | 'aliases' | 'about' | 'path'>;

/** `NAME ALIAS...` */
function page(names: string, about: string, path: string, more: More = {}): ServicePage {
  const [name = '', ...aliases] = names.split(' ');
  return { name, aliases, about, path, ...more };
}

const GLOBAL = { global: true } as const;
/** The bills of GovCloud are in the account of partition aws that it belongs to. */
const BILLS = {
  ...GLOBAL,
  missing: { 'aws-us-gov': 'its bills are in the account of partition aws that belongs to it' },
} as const;

const PAGES: readonly ServicePage[] = [
  page('account', 'Account settings', 'billing/home', { ...BILLS, fragment: '/account' }),
  page('acm certificates', 'Certificate Manager', 'acm/home'),
  page('amplify', 'Amplify', 'amplify/home'),
  page('apigateway apigw', 'API Gateway', 'apigateway/home'),
  page('appsync', 'AppSync', 'appsync/home'),
  page('athena', 'Athena', 'athena/home'),
  page('backup', 'Backup', 'backup/home'),
  page('batch', 'Batch', 'batch/home'),
  page('bedrock', 'Bedrock', 'bedrock/home'),
  page('billing bills', 'Billing and Cost Management', 'billing/home', BILLS),
  page('cloud9 c9', 'Cloud9', 'cloud9/home'),
  page('cloudformation cfn stacks', 'CloudFormation', 'cloudformation/home'),
  page('cloudfront cf', 'CloudFront', 'cloudfront/v4/home', GLOBAL),
  page('cloudshell', 'CloudShell', 'cloudshell/home'),
  page('cloudtrail ct', 'CloudTrail', 'cloudtrailv2/home'),
  page('cloudwatch cw', 'CloudWatch', 'cloudwatch/home'),
  page('codeartifact', 'CodeArtifact', 'codesuite/codeartifact/repositories'),
  page('codebuild cb', 'CodeBuild', 'codesuite/codebuild/projects'),
  page('codecommit', 'CodeCommit', 'codesuite/codecommit/repositories'),
  page('codedeploy', 'CodeDeploy', 'codesuite/codedeploy/applications'),
  page('codepipeline cp', 'CodePipeline', 'codesuite/codepipeline/pipelines'),
  page('cognito', 'Cognito', 'cognito/v2/home'),
  page('config', 'Config', 'config/home'),
  page('controltower', 'Control Tower', 'controltower/home'),
  page('costs ce', 'Cost Explorer', 'costmanagement/home', { ...BILLS, fragment: '/cost-explorer' }),
  page('directconnect dx', 'Direct Connect', 'directconnect/v2/home'),
  page('dms', 'Database Migration Service', 'dms/v2/home'),
  page('documentdb docdb', 'DocumentDB', 'docdb/home'),
  page('dynamodb ddb', 'DynamoDB', 'dynamodbv2/home'),
  page('ec2', 'EC2', 'ec2/home'),
  page('ecr', 'Elastic Container Registry', 'ecr/home'),
  page('ecs', 'Elastic Container Service', 'ecs/v2/home'),
  page('efs', 'Elastic File System', 'efs/home'),
  page('eks', 'Elastic Kubernetes Service', 'eks/home'),
  page('elasticache', 'ElastiCache', 'elasticache/home'),
  page('elasticbeanstalk eb', 'Elastic Beanstalk', 'elasticbeanstalk/home'),
  page('emr', 'EMR', 'emr/home'),
  page('eventbridge events', 'EventBridge', 'events/home'),
  page('fsx', 'FSx', 'fsx/home'),
  page('glue', 'Glue', 'glue/home'),
  page('grafana', 'Managed Grafana', 'grafana/home'),
  page('guardduty gd', 'GuardDuty', 'guardduty/home'),
  page('health phd', 'Health Dashboard', 'health/home', GLOBAL),
  page('iam', 'IAM', 'iam/home', GLOBAL),
  page('inspector', 'Inspector', 'inspector/v2/home'),
  page('kinesis', 'Kinesis', 'kinesis/home'),
  page('kms', 'Key Management Service', 'kms/home'),
  page('lambda l', 'Lambda', 'lambda/home'),
  page('logs cwl', 'CloudWatch Logs', 'cloudwatch/home', { fragment: 'logsV2:log-groups' }),
  page('mq', 'Amazon MQ', 'amazon-mq/home'),
  page('msk kafka', 'Managed Streaming for Kafka', 'msk/home'),
  page('mwaa airflow', 'Managed Airflow', 'mwaa/home'),
  page('opensearch aos', 'OpenSearch Service', 'aos/home'),
  page('organizations orgs', 'Organizations', 'organizations/v2/home', GLOBAL),
  page('parameters params', 'Parameter Store', 'systems-manager/parameters'),
  page('quotas servicequotas', 'Service Quotas', 'servicequotas/home'),
  page('ram', 'Resource Access Manager', 'ram/home'),
  page('rds', 'RDS', 'rds/home'),
  page('redshift', 'Redshift', 'redshiftv2/home'),
  page('route53 r53', 'Route 53', 'route53/v2/home', GLOBAL),
  page('s3', 'S3', 's3/home'),
  page('sagemaker', 'SageMaker AI', 'sagemaker/home'),
  page('secretsmanager sm secrets', 'Secrets Manager', 'secretsmanager/home'),
  page('securityhub', 'Security Hub', 'securityhub/home'),
  page('servicecatalog', 'Service Catalog', 'servicecatalog/home'),
  page('ses', 'Simple Email Service', 'ses/home'),
  page('sns', 'Simple Notification Service', 'sns/v3/home'),
  page('sqs', 'Simple Queue Service', 'sqs/v3/home'),
  page('sso identitycenter', 'IAM Identity Center', 'singlesignon/home'),
  page('ssm systemsmanager', 'Systems Manager', 'systems-manager/home'),
  page('stepfunctions sfn states', 'Step Functions', 'states/home'),
  page('support', 'Support', 'support/home', GLOBAL),
  page('transfer', 'Transfer Family', 'transfer/home'),
  page('trustedadvisor ta', 'Trusted Advisor', 'trustedadvisor/home', GLOBAL),
  page('vpc', 'VPC', 'vpcconsole/home'),
  page('waf wafv2', 'WAF', 'wafv2/homev2/home'),
  page('xray', 'X-Ray', 'xray/home'),
];

/** The pages by their names and aliases. */
export const SERVICE_PAGES: ReadonlyMap<string, ServicePage> = new Map(
  PAGES.flatMap((one) => [one.name, ...one.aliases].map((name) => [name, one] as const)),
);
