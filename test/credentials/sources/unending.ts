import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { onTestFinished } from 'vitest';

// Servers that take a connection and never come to an end with it.

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\n';
const CHUNK = Buffer.alloc(64 * 1024, '<');
/** Who has not had enough by then will take anything. */
const MOST = 64 * 1024 * 1024;

export const UNENDING = {
  'says nothing': () => {},
  'sends its headers and nothing more': (socket) => socket.write(`${HEAD}content-length: 900\r\n\r\n`),
  'sends half an answer': (socket) => socket.write(`${HEAD}content-length: 900\r\n\r\n<AssumeRoleResponse>`),
  'sends byte after byte': (socket) => {
    socket.write(`${HEAD}content-length: 900\r\n\r\n`);
    const timer = setInterval(() => socket.write('<'), 100);
    socket.on('close', () => clearInterval(timer));
  },
  'sends header after header': (socket) => {
    socket.write(HEAD);
    const timer = setInterval(() => socket.write('x'), 100);
    socket.on('close', () => clearInterval(timer));
  },
  'sends without end': (socket) => {
    socket.write(`${HEAD}connection: close\r\n\r\n`);
    pour(socket);
  },
  'announces more than anybody needs': (socket) => {
    socket.write(`${HEAD}content-length: 9000000000\r\n\r\n`);
    pour(socket);
  },
} as const satisfies Record<string, (socket: Socket) => void>;

export type Unending = keyof typeof UNENDING;

function pour(socket: Socket): void {
  while (socket.writable && socket.write(CHUNK)) {
    if (socket.bytesWritten > MOST) socket.end();
  }
  if (socket.writable) socket.once('drain', () => pour(socket));
}

export interface UnendingServer {
  readonly port: number;
  readonly url: string;
  /** The first line of each request. */
  readonly asked: string[];
  /** Connections, with a request or without. */
  readonly sockets: readonly Socket[];
}

/** Listens until the test ends. `first` answers what it can before the rest; it says whether it has. */
export async function startUnending(
  how: Unending,
  {
    first = () => undefined,
    tls,
  }: {
    first?: (request: string) => string | undefined;
    tls?: { cert: Buffer; key: Buffer };
  } = {},
): Promise<UnendingServer> {
  const asked: string[] = [];
  const sockets: Socket[] = [];
  const take = (socket: Socket): void => {
    socket.on('error', () => {});
    socket.on('data', (data) => {
      const text = data.toString('latin1');
      const [line = ''] = text.split('\r\n', 1);
      if (!line.endsWith('HTTP/1.1')) return;
      asked.push(line);
      const answer = first(text);
      if (answer === undefined) UNENDING[how](socket);
      else socket.write(answer);
    });
  };
  const server = tls ? createTlsServer(tls, take) : createServer(take);
  server.on('connection', (socket: Socket) => sockets.push(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { port, url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`, asked, sockets };
}

/** A certificate of 127.0.0.1, and the file that it is in, until the test ends. */
export function certificate(): { cert: Buffer; key: Buffer; file: string } {
  const folder = mkdtempSync(join(tmpdir(), 'awsrole-tls-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const make = `openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 \
    -addext subjectAltName=IP:127.0.0.1 -keyout key.pem -out cert.pem`;
  execFileSync('sh', ['-c', make], { cwd: folder, stdio: 'ignore' });
  const file = join(folder, 'cert.pem');
  return { cert: readFileSync(file), key: readFileSync(join(folder, 'key.pem')), file };
}
