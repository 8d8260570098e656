import { describe, expect, it } from 'vitest';
import { checkSignature, readSignature } from '../../src/demo/sigv4.ts';

// From AWS's public SigV4 test suite (aws-sig-v4-test-suite): an implementation that is not ours.
const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const BASE_HEADERS = ['Host', 'example.amazonaws.com', 'X-Amz-Date', '20150830T123600Z'];

function request(options: {
  method?: string;
  target?: string;
  headers?: string[];
  body?: string;
  signed?: string;
  signature: string;
}) {
  const authorization = `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=${options.signed ?? 'host;x-amz-date'}, Signature=${options.signature}`;
  return {
    method: options.method ?? 'GET',
    target: options.target ?? '/',
    rawHeaders: [...BASE_HEADERS, ...(options.headers ?? []), 'Authorization', authorization],
    body: Buffer.from(options.body ?? ''),
  };
}

const VECTORS: Record<string, Parameters<typeof request>[0]> = {
  'get-vanilla': { signature: '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31' },
  'get-vanilla-query-order-key-case': {
    target: '/?Param2=value2&Param1=value1',
    signature: 'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
  },
  'get-header-value-trim': {
    headers: ['My-Header1', ' value1', 'My-Header2', ' "a   b   c"'],
    signed: 'host;my-header1;my-header2;x-amz-date',
    signature: 'acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736',
  },
  'post-x-www-form-urlencoded': {
    method: 'POST',
    headers: ['Content-Type', 'application/x-www-form-urlencoded'],
    signed: 'content-type;host;x-amz-date',
    body: 'Param1=value1',
    signature: 'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
  },
};

describe('checkSignature', () => {
  it.each(Object.entries(VECTORS))('agrees with AWS on %s', (_name, vector) => {
    const wire = request(vector);
    expect(() => checkSignature(wire, readSignature(wire), SECRET)).not.toThrow();
  });

  it.each(Object.entries(VECTORS))(
    'refuses %s with another body, secret, path or method',
    (_name, vector) => {
      const wire = request(vector);
      const signature = readSignature(wire);
      const refusal = expect.objectContaining({ code: 'SignatureDoesNotMatch', status: 403 });
      const check = (changed: object, secret = SECRET) => {
        try {
          checkSignature({ ...wire, ...changed }, signature, secret);
        } catch (error) {
          return error;
        }
        return undefined;
      };
      expect(check({ body: Buffer.from('Param1=value2') })).toEqual(refusal);
      expect(check({}, `${SECRET}x`)).toEqual(refusal);
      expect(check({ target: '/other' })).toEqual(refusal);
      expect(check({ method: 'PUT' })).toEqual(refusal);
    },
  );
});

describe('readSignature', () => {
  const readWith = (authorization: string | undefined, headers = BASE_HEADERS) => {
    const rawHeaders = authorization === undefined ? headers : [...headers, 'authorization', authorization];
    try {
      return readSignature({ method: 'GET', target: '/', rawHeaders, body: Buffer.alloc(0) });
    } catch (error) {
      return error;
    }
  };

  it('wants an Authorization header', () => {
    expect(readWith(undefined)).toMatchObject({
      status: 403,
      code: 'MissingAuthenticationToken',
      message: 'Request is missing Authentication Token',
    });
  });

  it.each([
    ['Bearer x', /algorithm/],
    ['AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request, SignedHeaders=host', /'Signature'/],
    ['AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request, Signature=00', /'SignedHeaders'/],
    ['AWS4-HMAC-SHA256 SignedHeaders=host, Signature=00', /'Credential'/],
    ['AWS4-HMAC-SHA256 Credential=a/b/c, SignedHeaders=host, Signature=00', /5 slash-delimited/],
  ])('says what is missing in %j', (authorization, message) => {
    expect(readWith(authorization)).toMatchObject({
      status: 400,
      code: 'IncompleteSignature',
      message: expect.stringMatching(message),
    });
  });

  it('wants a date', () => {
    const authorization =
      'AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request, SignedHeaders=host, Signature=00';
    expect(readWith(authorization, ['Host', 'x'])).toMatchObject({
      code: 'IncompleteSignature',
      message: expect.stringMatching(/X-Amz-Date/),
    });
  });
});
