import { execFile, spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isExcepted, proxyFor } from '../../../src/credentials/sts/proxy-choice.ts';
import { needs } from '../../world.ts';

/** Hosts, lists, and whether the proxy is passed by. */
const CASES: readonly (readonly [host: string, noProxy: string, direct: boolean])[] = [
  // A name stands for itself and all below it.
  ['sts.example.test', 'example.test', true],
  ['sts.example.test', '.example.test', true],
  ['sts.example.test', 'sts.example.test', true],
  ['sts.example.test', '.sts.example.test', true],
  ['sts.example.test', 'test', true],
  ['example.test', '.example.test', true],
  ['example.test', 'sts.example.test', false],
  ['notexample.test', 'example.test', false],
  ['sts.example.test', 'ample.test', false],
  ['sts.example.test', 'example.tes', false],
  ['sts.example.test', '..example.test', false],
  ['sts.example.test', '*.example.test', false],
  // Case, and the dot at the end.
  ['sts.EXAMPLE.test', 'Example.TEST', true],
  ['sts.example.test', 'example.test.', true],
  ['sts.example.test', '.example.test.', true],
  ['sts.example.test.', 'example.test', true],
  ['sts.example.test', '.', false],
  // Lists and blanks.
  ['sts.example.test', 'localhost,example.test', true],
  ['sts.example.test', ' localhost ,\texample.test ', true],
  ['sts.example.test', 'localhost,,, ,example.test', true],
  ['sts.example.test', 'localhost example.test', true],
  ['sts.example.test', 'example.test localhost', true],
  ['sts.example.test', 'a b,example.test', true],
  ['sts.example.test', ',example.test,', true],
  ['sts.example.test', ' ', false],
  // All.
  ['sts.example.test', '*', true],
  ['10.1.2.3', '*', true],
  ['sts.example.test', 'localhost,*', false],
  ['sts.example.test', ' *', false],
  // A port is no part of what is compared.
  ['sts.example.test:8080', 'example.test', true],
  ['sts.example.test:8080', 'example.test:8080', false],
  ['10.1.2.3:8080', '10.1.2.3', true],
  ['10.1.2.3:8080', '10.1.2.3:8080', false],
  // Addresses, and networks.
  ['10.1.2.3', '10.1.2.3', true],
  ['10.1.2.3', '10.1.2.4', false],
  ['10.1.2.3', '10.0.0.0/8', true],
  ['10.1.2.3', 'localhost, 10.1.0.0/16', true],
  ['10.1.2.3', '10.1.2.2/31', true],
  ['10.1.2.3', '10.1.2.0/31', false],
  ['10.1.2.3', '10.1.2.3/32', true],
  ['10.1.2.3', '10.1.2.3/33', false],
  ['10.1.2.3', '10.0.0.0/0', false],
  ['10.1.2.3', '10.1.2.3/0', true],
  ['10.1.2.3', '10.1.2', false],
  ['10.1.2.3', '2.3', false],
  ['10.1.2.3', '.1.2.3', false],
  ['10.1.2.3', '10.1.2.*', false],
  ['10.1.2.3', '::ffff:10.1.2.3', false],
  ['sts.example.test', '10.0.0.0/8', false],
  ['[fd00::1]', 'fd00::1', true],
  ['[fd00::1]', 'fd00:0:0::1', true],
  ['[fd00::1]', 'FD00::1', true],
  ['[fd00::1]', 'fd00::/16', true],
  ['[fd00::1]', 'fd00::/8', true],
  ['[fd00::1]', 'fd01::/16', false],
  ['[fd00::1]', 'fd00::1/129', false],
  ['[fd00::1]', '[fd00::1]', true],
  ['[fd00::1]', '[fd00::]/16', true],
  ['[fd00::1]', '[fd00::2]', false],
  ['[fd00::1]', '10.0.0.0/8', false],
];

describe('NO_PROXY', () => {
  it.each(CASES)('excepts %s with "%s": %s', (host, list, direct) => {
    expect(isExcepted(new URL(`http://${host}/`).hostname, list)).toBe(direct);
  });

  const [, major, minor] =
    /^curl (\d+)\.(\d+)/.exec(spawnSync('curl', ['--version']).stdout?.toString() ?? '') ?? [];
  const isSince = (wanted: number, than: number): boolean =>
    Number(major) > wanted || (Number(major) === wanted && Number(minor) >= than);
  // Networks are known since 7.86. What its man page says of IPv6 the tool does not do: it compares text.
  const asCurl = CASES.filter(
    ([host, list]) => !host.startsWith('[') && !(isSince(8, 9) && /[^ ,] [^ ,]/.test(list)),
  );
  it('excepts what curl does', needs(isSince(7, 86)), async () => {
    const asked: string[] = [];
    const proxy = createServer((request, response) => {
      asked.push(request.headers.host ?? '');
      response.end();
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void proxy.close());
    const http_proxy = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const found = await Promise.all(
      asCurl.map(async ([host, no_proxy]) => {
        const args = [
          '-qsS',
          '-o',
          '/dev/null',
          '-w',
          '%{remote_port}',
          '--max-time',
          '5',
          '--connect-timeout',
          '0.3',
        ];
        const env = { PATH: process.env.PATH, http_proxy, no_proxy };
        const { stdout } = await promisify(execFile)('curl', [...args, `http://${host}/`], { env }).catch(
          (error: { stdout: string }) => error,
        );
        return [host, no_proxy, !http_proxy.endsWith(`:${stdout}`)];
      }),
    );
    expect(found).toEqual(asCurl.map((one) => [...one]));
    expect(asked).toHaveLength(asCurl.filter(([, , direct]) => !direct).length);
  });
});

describe('the variables', () => {
  const url = (text: string): URL => new URL(text);
  const [http, https] = [url('http://sts.example.test'), url('https://sts.example.test')];

  it.each([
    ['http', { http_proxy: 'a', HTTP_PROXY: 'b', all_proxy: 'c' }, 'http_proxy'],
    ['http', { HTTP_PROXY: 'b', all_proxy: 'c' }, 'HTTP_PROXY'],
    ['http', { http_proxy: '', HTTP_PROXY: 'b' }, 'HTTP_PROXY'],
    ['http', { HTTP_PROXY: 'b', REQUEST_METHOD: 'GET' }, undefined],
    ['http', { http_proxy: 'a', HTTP_PROXY: 'b', REQUEST_METHOD: 'GET' }, 'http_proxy'],
    ['http', { HTTP_PROXY: 'b', REQUEST_METHOD: 'GET', ALL_PROXY: 'd' }, 'ALL_PROXY'],
    ['http', { https_proxy: 'a', HTTPS_PROXY: 'b' }, undefined],
    ['https', { https_proxy: 'a', HTTPS_PROXY: 'b', all_proxy: 'c' }, 'https_proxy'],
    ['https', { HTTPS_PROXY: 'b', ALL_PROXY: 'd', REQUEST_METHOD: 'GET' }, 'HTTPS_PROXY'],
    ['https', { http_proxy: 'a', HTTP_PROXY: 'b' }, undefined],
    ['https', { all_proxy: 'c', ALL_PROXY: 'd' }, 'all_proxy'],
    ['https', { all_proxy: '', ALL_PROXY: 'd' }, 'ALL_PROXY'],
    ['https', { HTTPS_PROXY: 'b', NO_PROXY: 'example.test' }, undefined],
    ['https', { HTTPS_PROXY: 'b', no_proxy: 'example.test' }, undefined],
    ['https', { HTTPS_PROXY: 'b', no_proxy: 'other', NO_PROXY: 'example.test' }, 'HTTPS_PROXY'],
    ['https', { HTTPS_PROXY: 'b', no_proxy: '', NO_PROXY: 'example.test' }, undefined],
  ])('for %s are read in the right order: %j', (scheme, env, variable) => {
    expect(proxyFor(scheme === 'http' ? http : https, env)?.variable).toBe(variable);
  });

  it.each(['http://localhost:4566', 'http://127.0.0.1', 'https://127.1.2.3', 'http://[::1]:80'])(
    'send nothing for %s to a proxy, which could not reach it',
    (text) => {
      expect(proxyFor(url(text), { ALL_PROXY: 'a' })).toBeUndefined();
    },
  );
});
