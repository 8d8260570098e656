import type { Context } from '../context.ts';

/**
 * Does work that begins with looking up a profile. Where that does not exist, the error gets better advice.
 * @param isSwitch whether a command's name may have been meant
 */
export async function advised<T>(
  context: Context,
  profile: string,
  isSwitch: boolean,
  work: () => T,
): Promise<T> {
  try {
    return work();
  } catch (error) {
    const { adviseOnProfile } = await import('./unknown-profile.ts');
    throw adviseOnProfile(context, profile, error, isSwitch);
  }
}
