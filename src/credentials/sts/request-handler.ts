import type { Agent } from 'node:http';
import type { Readable } from 'node:stream';
import { HttpRequest, type HttpResponse } from '@smithy/core/protocols';
import { NodeHttpHandler } from '@smithy/node-http-handler';

/** Larger than any answer we ask for; a session has 3 KB. */
const LARGEST_ANSWER = 1024 * 1024;
/** The SDK sends the same value with every attempt of a call. */
const CALL_HEADER = 'amz-sdk-invocation-id';

/** The host was reached, but gave no whole answer. The message follows the name of the host. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

/** The proxy that requests go through. */
export interface RequestProxy {
  /** Its URL, without a password. */
  readonly name: string;
  /** Makes the error that is the proxy's, of one that a request to an http URL has ended with; undefined for others. */
  readonly blame: (error: unknown) => Error | undefined;
  /** Makes the error for this status of an answer to an http URL; undefined when the host may have given it. */
  readonly refusal: (status: number) => Error | undefined;
}

export interface RequestHandlerOptions {
  /** Time limit of a call: all attempts of it, to the last byte of the answer. */
  readonly seconds: number;
  /** The setting that says so, for those who want it longer. */
  readonly setting?: string | undefined;
  readonly httpAgent?: Agent;
  readonly httpsAgent?: Agent | { readonly ca: string };
  /** Time limit of one attempt to connect. */
  readonly connectionSeconds?: number;
  /** The proxy that the agents go through. They limit the time to connect to it. */
  readonly proxy?: RequestProxy;
}

/**
 * Sends all our requests. The SDK's own handler waits without end for a silent or slow host, and reads answers of any
 * size; this one reads the whole answer, within limits of time and size.
 */
export class RequestHandler extends NodeHttpHandler {
  readonly #options: RequestHandlerOptions;
  #call: string | undefined;
  #attempts = 0;
  #ends = 0;

  constructor(options: RequestHandlerOptions) {
    const { connectionSeconds, httpAgent, httpsAgent } = options;
    super({
      ...(connectionSeconds !== undefined && { connectionTimeout: connectionSeconds * 1000 }),
      ...(httpAgent && { httpAgent }),
      ...(httpsAgent && { httpsAgent }),
    });
    this.#options = options;
  }

  /** The body of the response is a Buffer, read to its end. @throws NoAnswer, or Node's error */
  override async handle(request: HttpRequest): Promise<{ response: HttpResponse }> {
    const stop = new AbortController();
    // Of https it has only joined the ends, as far as can be told once it has.
    const proxy = request.protocol === 'http:' ? this.#options.proxy : undefined;
    let begun = false;
    let given: NoAnswer | undefined;
    const giveUp = (what: string): void => {
      given ??= new NoAnswer(what);
      stop.abort();
    };
    const timer = setTimeout(() => giveUp(this.#late(begun)), this.#msLeft(request.headers[CALL_HEADER]));
    try {
      const { response } = await super.handle(request, { abortSignal: stop.signal });
      begun = true;
      const refusal = proxy?.refusal(response.statusCode);
      if (refusal !== undefined) throw refusal;
      response.body = await readAnswer(response.body, () =>
        giveUp(`answers with more than ${LARGEST_ANSWER / 1024 / 1024} MiB, which was not read to the end`),
      );
      return { response };
    } catch (error) {
      // Only the agents know of connections to a proxy that are still being made; they would keep the process alive.
      if (given !== undefined) this.destroy();
      throw given ?? proxy?.blame(error) ?? error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Sends a request that does not come from a client of the SDK. @throws as {@link handle} */
  async send(
    url: URL,
    method: string,
    headers: Readonly<Record<string, string>>,
    body?: string,
  ): Promise<{ status: number; text: string; headers: Readonly<Record<string, string>> }> {
    const { protocol, hostname, port, pathname, search } = url;
    const { response } = await this.handle(
      new HttpRequest({
        method,
        headers: { ...headers },
        protocol,
        hostname,
        ...(port !== '' && { port: Number(port) }),
        path: pathname + search,
        ...(body !== undefined && { body }),
      }),
    );
    return { status: response.statusCode, text: String(response.body), headers: response.headers };
  }

  /** Returns the time left for an attempt, after those before it. */
  #msLeft(call: string | undefined): number {
    const now = performance.now();
    if (call === undefined || call !== this.#call) {
      this.#call = call;
      this.#attempts = 0;
      this.#ends = now + this.#options.seconds * 1000;
    }
    this.#attempts += 1;
    return Math.max(0, this.#ends - now);
  }

  #late(begun: boolean): string {
    const { seconds, setting, connectionSeconds, proxy } = this.#options;
    const limit = `within ${seconds} s${setting === undefined ? '' : ` (${setting})`}`;
    const way = proxy === undefined ? '' : `, through the proxy ${proxy.name}`;
    if (begun) return `began to answer, but did not finish ${limit}${way}`;
    if (this.#attempts > 1) return `gave no usable answer ${limit}, asked ${this.#attempts} times${way}`;
    // A failed connection would have ended earlier, so the host was reached.
    return `${connectionSeconds === undefined ? '' : 'was reached, but '}did not answer ${limit}${way}`;
  }
}

async function readAnswer(body: Readable, tooLarge: () => void): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > LARGEST_ANSWER) tooLarge();
    else chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
