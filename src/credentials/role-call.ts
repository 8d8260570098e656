import type { Property } from '../profiles/shared-config-file.ts';
import type { Session } from '../sessions/session.ts';
import type { Settings } from '../settings.ts';
import type { Plan, Step } from './plan.ts';
import type { SessionOptions } from './session-options.ts';
import type { Keys } from './sts/client.ts';

/** The keys that sign a call, the profile they are of, and where they stand if they are in a file. */
export interface Signer {
  readonly keys: Keys;
  readonly profile: string;
  readonly place?: Property;
}

/** One step of a plan that STS has to be asked for, and what it is asked with. */
export interface RoleCall {
  readonly plan: Plan;
  readonly step: Step;
  readonly options: SessionOptions;
  /** awsrole's own settings. */
  readonly own: Settings;
  readonly signer: Signer;
  /** What the AWS CLI looks for the session under, if it may have it. */
  readonly awsCliKey: string | undefined;
  /** Looks whether another process has got the session meanwhile. */
  readonly gotElsewhere: () => Session | undefined;
}
