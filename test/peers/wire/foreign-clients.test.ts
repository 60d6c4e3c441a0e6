/** Our server before clients that others wrote: curl in all its HTTP versions, h2load, and etcdctl's gRPC. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KV } from '../../../src/api/methods.ts';
import { ByteBudget } from '../../../src/wire/byte-budget.ts';
import type { HttpHandler, Routes } from '../../../src/wire/contract.ts';
import { listen, type WireServer } from '../../../src/wire/server-socket.ts';
import { TestCa } from '../../tools/certificates.ts';

const run = promisify(execFile);
const directory = mkdtempSync(join(tmpdir(), 'qb-foreign-'));
const caFile = join(directory, 'ca.pem');
let plain: WireServer;
let secure: WireServer;

const routes: Routes = {
  unary: new Map([
    [
      KV.Put.path,
      (call, request) => {
        const { key } = KV.Put.request.decode(request);
        call.reply(KV.Put.response.encode({ header: { revision: key.length } }));
      },
    ],
    [KV.Range.path, (call) => call.end(14, 'etcdserver: no leader')],
  ]),
  streaming: new Map(),
};
const http: HttpHandler = async ({ method, path, body }) => ({
  status: path === '/missing' ? 404 : 200,
  headers: [['content-type', 'text/plain']],
  body: path === '/large' ? Buffer.alloc(5_000_000, 'x') : Buffer.from(`${method} ${path} ${body.length}`),
});

beforeAll(async () => {
  const ca = await TestCa.create();
  const { certPem, keyPem } = await ca.issue();
  writeFileSync(caFile, ca.certPem);
  const common = { address: { host: '127.0.0.1', port: 0 }, routes, http, budget: new ByteBudget(256 * 1024 * 1024) };
  plain = await listen({ ...common, tls: null });
  secure = await listen({ ...common, tls: { cert: certPem, key: keyPem } });
});
afterAll(async () => {
  await Promise.all([plain.close(0), secure.close(0)]);
  rmSync(directory, { recursive: true });
});

describe('curl', () => {
  const versions: [name: string, flags: string[], secured: boolean, reported: string][] = [
    ['HTTP/1.0', ['--http1.0'], false, '1.1'],
    ['HTTP/1.1', ['--http1.1'], false, '1.1'],
    ['HTTP/2 with prior knowledge', ['--http2-prior-knowledge'], false, '2'],
    ['HTTP/1.1 over TLS', ['--http1.1'], true, '1.1'],
    ['HTTP/2 over TLS', ['--http2'], true, '2'],
  ];
  async function curl(secured: boolean, path: string, flags: readonly string[]): Promise<string> {
    const url = secured ? `https://localhost:${secure.port}${path}` : `http://127.0.0.1:${plain.port}${path}`;
    const { stdout } = await run('curl', ['-sS', '--max-time', '20', '--cacert', caFile, ...flags, url], {
      maxBuffer: 16_000_000,
    });
    return stdout;
  }

  it.each(versions)('gets and posts over %s', async (_name, flags, secured, reported) => {
    const format = ['-w', ' %{http_code} %{http_version}'];
    expect(await curl(secured, '/version?a=b', [...flags, ...format])).toBe(`GET /version?a=b 0 200 ${reported}`);
    const post = [...flags, ...format, '--data-binary', 'x'.repeat(100_000)];
    expect(await curl(secured, '/v3/kv/put', post)).toBe(`POST /v3/kv/put 100000 200 ${reported}`);
    expect(await curl(secured, '/missing', [...flags, ...format])).toBe(`GET /missing 0 404 ${reported}`);
    expect((await curl(secured, '/large', flags)).length).toBe(5_000_000);
  });

  it('is not confused by an upgrade to h2c that we do not offer', async () => {
    expect(await curl(false, '/x', ['--http2', '-w', ' %{http_version}'])).toBe('GET /x 0 1.1');
  });
});

describe('h2load', () => {
  it.each([
    ['plain', []],
    ['TLS', []],
  ])('gets all its answers over %s', async (kind) => {
    const url = kind === 'TLS' ? `https://localhost:${secure.port}/x` : `http://127.0.0.1:${plain.port}/x`;
    const { stdout } = await run('h2load', ['-n', '5000', '-c', '10', '-m', '50', url]);
    expect(stdout).toMatch(/requests: 5000 total, 5000 started, 5000 done, 5000 succeeded, 0 failed, 0 errored/);
  });

  it('gets large bodies through small windows', async () => {
    const { stdout } = await run('h2load', ['-n', '40', '-c', '4', '-w', '14', `http://127.0.0.1:${plain.port}/large`]);
    expect(stdout).toMatch(/40 succeeded, 0 failed/);
  });
});

describe('etcdctl', () => {
  it('puts, and is told errors in etcd’s words', async () => {
    const endpoint = `--endpoints=127.0.0.1:${plain.port}`;
    const env = { ...process.env, ETCDCTL_API: '3' };
    const { stdout } = await run('etcdctl', [endpoint, '-w', 'json', 'put', 'abc', 'v'], { env });
    expect(JSON.parse(stdout)).toMatchObject({ header: { revision: 3 } });
    const failure = await run('etcdctl', [endpoint, '--command-timeout=1s', 'get', 'a'], { env }).catch(
      (error: unknown) => error as { stderr: string },
    );
    expect(failure.stderr).toMatch(/etcdserver: no leader|context deadline exceeded/);
  });

  it('speaks TLS', async () => {
    const args = [`--endpoints=https://localhost:${secure.port}`, `--cacert=${caFile}`, 'put', 'a', 'v'];
    const { stdout } = await run('etcdctl', args, { env: { ...process.env, ETCDCTL_API: '3' } });
    expect(stdout).toBe('OK\n');
  });
});
