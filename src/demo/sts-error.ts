/** A refusal as STS words it: HTTP status, `Code` and `Message` of the answer. */
export class StsError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = 'StsError';
    this.status = status;
    this.code = code;
  }
}

/** Makes a 403 AccessDenied with AWS's own words. */
export function accessDenied(message: string): StsError {
  return new StsError(403, 'AccessDenied', message);
}

/** Makes a 400 ValidationError: the request is well signed but breaks a limit of the service. */
export function validationError(message: string): StsError {
  return new StsError(400, 'ValidationError', message);
}

/** Makes a 403 InvalidClientTokenId: the key is unknown here, or its session token is wrong, missing or superfluous. */
export function invalidClientTokenId(): StsError {
  return new StsError(403, 'InvalidClientTokenId', 'The security token included in the request is invalid.');
}
