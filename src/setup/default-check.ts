import { credentialsOfDefault, endpointsOfDefault } from '../profiles/default-profile.ts';
import { placeText } from '../profiles/place.ts';
import { type Check, note, ok } from './finding.ts';

/** What `[default]` says that a switched shell may meet. */
export const defaultCheck: Check = {
  name: 'default',
  waitsFor: 'the AWS files',
  look: ({ files }) => {
    if (files === undefined) return [];
    const { store } = files;
    const credentials = credentialsOfDefault(store, '');
    const endpoints = endpointsOfDefault(store);
    const findings = [];
    if (credentials !== undefined) {
      findings.push(
        note(
          `[default] has credentials (${placeText(credentials.property)}): version 3 of the AWS SDK for .NET prefers them to a switched shell's`,
          'give them a profile with a name, if you use that SDK',
        ),
      );
    }
    if (endpoints.length > 0) {
      const places = endpoints.map(({ setting }) => placeText(setting.property)).join(', ');
      findings.push(
        note(
          `[default] has endpoints (${places}): a switch keeps them out, but not from programs that read no variables`,
          'write them into the profiles that need them',
        ),
      );
    }
    return findings.length > 0 ? findings : [ok('[default] has neither credentials nor endpoints')];
  },
};
