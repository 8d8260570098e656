import type { Agent } from 'node:http';
import type { Readable } from 'node:stream';
import { HttpRequest, type HttpResponse } from '@smithy/core/protocols';
import { NodeHttpHandler } from '@smithy/node-http-handler';

/** More than any answer that is asked for; a session is 3 KB. */
const LARGEST_ANSWER = 1024 * 1024;
/** The SDK gives all attempts of a call the same. */
const CALL_HEADER = 'amz-sdk-invocation-id';

/** Somebody was there, but gave no whole answer. The message goes behind the name of who was asked. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

export interface RequestHandlerOptions {
  /** That a call may take as a whole: all attempts of it, to the last byte of the answer. */
  readonly seconds: number;
  /** What has said so, for who wants it longer. */
  readonly setting?: string | undefined;
  readonly httpAgent?: Agent;
  readonly httpsAgent?: Agent | { readonly ca: string };
  /** Of it, that an attempt may take to reach somebody. */
  readonly connectionSeconds?: number;
  /** The proxy that the agents go through, without a password. They see to it that it is reached in time. */
  readonly proxy?: string;
}

/**
 * Sends every request of ours. The SDK's own handler waits without end for who is silent or slow, and takes in whatever
 * comes; this one reads the whole answer, within a time and a size.
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
      response.body = await readAnswer(response.body, () =>
        giveUp(`answers with more than ${LARGEST_ANSWER / 1024 / 1024} MiB, which was not read to its end`),
      );
      return { response };
    } catch (error) {
      // What is still on its way to a proxy is known to the agents alone, and would keep the process alive.
      if (given !== undefined) this.destroy();
      throw given ?? error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Sends a request that is none of an SDK's client. @throws as {@link handle} */
  async send(
    url: URL,
    method: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<{ status: number; text: string }> {
    const { protocol, hostname, port, pathname, search } = url;
    const { response } = await this.handle(
      new HttpRequest({
        method,
        headers: { ...headers },
        protocol,
        hostname,
        ...(port !== '' && { port: Number(port) }),
        path: pathname + search,
      }),
    );
    return { status: response.statusCode, text: String(response.body) };
  }

  /** An attempt has what those before it have left. */
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
    const way = proxy === undefined ? '' : `, through the proxy ${proxy}`;
    if (begun) return `began to answer, but was not done ${limit}${way}`;
    if (this.#attempts > 1) return `gave no usable answer ${limit}, asked ${this.#attempts} times${way}`;
    // Who is not there would have been given up before.
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
