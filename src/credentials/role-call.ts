import type { Property } from '../profiles/shared-config-file.ts';
import type { Session } from '../sessions/session.ts';
import type { Plan, Step } from './plan.ts';
import type { SessionOptions } from './session-options.ts';
import type { Keys } from './sts/client-options.ts';

/** The keys that sign a call, their profile, and their place if they are in a file. */
export interface Signer {
  readonly keys: Keys;
  readonly profile: string;
  readonly place?: Property;
}

/** What STS has to be asked for in the name of a plan's user. */
export interface UserCall {
  readonly plan: Plan;
  readonly options: SessionOptions;
  readonly signer: Signer;
  /** Returns the session if another process has got it meanwhile. */
  readonly gotElsewhere: () => Promise<Session | undefined>;
}

/** One step of a plan that STS has to be asked for. */
export interface RoleCall extends UserCall {
  readonly step: Step;
  /** The AWS CLI's key of the session, if it may be shared. */
  readonly awsCliKey: string | undefined;
}
