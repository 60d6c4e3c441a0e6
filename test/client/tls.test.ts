/** What people see when certificates, names and ports do not fit: the same sentence over both transports. */
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, type Server } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TlsSettings, TransportName } from '../../src/client/channel.ts';
import { createChannel, defaultChannelSettings } from '../../src/client/connect.ts';
import { ConnectFailure } from '../../src/client/connect-failure.ts';
import { parseEndpoint } from '../../src/client/endpoint.ts';
import { ByteBudget } from '../../src/wire/byte-budget.ts';
import { listen, type ListenOptions } from '../../src/wire/server-socket.ts';
import { TestCa, type KeyPair } from '../tools/certificates.ts';
import { call } from './calls.ts';

const cleanups: (() => Promise<unknown> | void)[] = [];
let ca: TestCa;
let otherCa: TestCa;
let server: KeyPair;
let client: KeyPair;
beforeAll(async () => {
  ca = await TestCa.create();
  otherCa = await TestCa.create('another CA');
  server = await ca.issue();
  client = await ca.issue({ commonName: 'client', usage: 'client' });
});
afterAll(async () => {
  for (const cleanup of cleanups) await cleanup();
});

describe.each(['grpc-js', 'wire'] as TransportName[])('TLS over %s', (transport) => {
  /** 'ok', or the failure. */
  async function attempt(url: string, tls: Partial<TlsSettings> | null): Promise<string | ConnectFailure> {
    const settings = tls === null ? null : { ...noTls, ...tls };
    const channel = createChannel(parseEndpoint(url), { ...defaultChannelSettings, transport, tls: settings });
    try {
      await channel.connect();
      return (await call(channel, '/test.Echo/Unary', 'ok')).payload;
    } catch (thrown) {
      if (!(thrown instanceof ConnectFailure)) throw thrown;
      return thrown;
    } finally {
      await channel.close(0);
    }
  }

  it.each<[name: string, host: string, tls: Partial<TlsSettings>]>([
    ['by name', 'localhost', {}],
    ['by address', '127.0.0.1', {}],
    ['by another name', '127.0.0.1', { serverName: 'localhost' }],
    ['of any name when verification is off', '127.0.0.1', { serverName: 'nobody', insecureSkipVerify: true }],
    ['of any CA when verification is off', '127.0.0.1', { caPem: null, insecureSkipVerify: true }],
  ])('accepts a certificate %s', async (_name, host, tls) => {
    const port = await echo({ cert: server.certPem, key: server.keyPem });
    expect(await attempt(`https://${host}:${port}`, { caPem: ca.certPem, ...tls })).toBe('ok');
  });

  it('presents its certificate to a server that wants one', async () => {
    const port = await echo(mutual(server));
    const tls = { caPem: ca.certPem, certPem: client.certPem, keyPem: client.keyPem };
    expect(await attempt(`https://localhost:${port}`, tls)).toBe('ok');
  });

  it('names an unknown authority', async () => {
    const port = await echo({ cert: server.certPem, key: server.keyPem });
    for (const caPem of [otherCa.certPem, null]) {
      expect(await attempt(`https://127.0.0.1:${port}`, { caPem })).toMatchObject({
        kind: 'certificate',
        code: 14,
        message: `https://127.0.0.1:${port}: x509: certificate signed by unknown authority`,
        remedy: 'give the CA that signed the server’s certificate with --cacert',
      });
    }
  });

  it.each([
    ['expired', { validFromDays: -10, validToDays: -1 }, 'x509: certificate has expired'],
    ['not yet valid', { validFromDays: 1 }, 'x509: certificate is not yet valid'],
    [
      'for another name',
      { dnsNames: ['etcd.example'], ipAddresses: ['10.0.0.1'] },
      'x509: certificate is valid for etcd.example, 10.0.0.1, not 127.0.0.1',
    ],
    [
      'for clients only',
      { usage: 'client' as const },
      'x509: certificate is not meant for servers (extended key usage)',
    ],
  ])('names a certificate that is %s', async (_name, leaf, why) => {
    const { certPem, keyPem } = await ca.issue(leaf);
    const port = await echo({ cert: certPem, key: keyPem });
    expect(await attempt(`https://127.0.0.1:${port}`, { caPem: ca.certPem })).toMatchObject({
      kind: 'certificate',
      why,
    });
  });

  it.each([
    ['the lack of a client certificate', async () => ({}), /client certificate/],
    ['a client certificate of another CA', () => pairOf(otherCa.issue()), /client certificate/],
    [
      'an expired client certificate',
      () => pairOf(ca.issue({ validFromDays: -9, validToDays: -1 })),
      /client certificate/,
    ],
  ])('names %s', async (_name, pair, why) => {
    const port = await echo(mutual(server));
    const failure = await attempt(`https://127.0.0.1:${port}`, { caPem: ca.certPem, ...(await pair()) });
    expect(failure).toMatchObject({ kind: 'clientCertificate' });
    expect((failure as ConnectFailure).why).toMatch(why);
  });

  it('names a plain server behind https://, and a TLS server behind http://', async () => {
    const plain = await echo(null);
    expect(await attempt(`https://127.0.0.1:${plain}`, { caPem: ca.certPem })).toMatchObject({
      kind: 'protocol',
      why: 'the server does not speak TLS on this port',
    });
    const secure = await echo({ cert: server.certPem, key: server.keyPem });
    const failure = (await attempt(`http://127.0.0.1:${secure}`, null)) as ConnectFailure;
    expect(failure.kind).toMatch(/^(protocol|closed)$/); // some servers say so in TLS, some just close
    expect(failure.remedy).toMatch(/https:\/\//);
  });

  it('names a server that speaks HTTP/1.1 only', async () => {
    const http1 = createHttpServer((_request, response) => response.end('x'));
    const failure = (await attempt(`http://127.0.0.1:${await portOf(http1)}`, null)) as ConnectFailure;
    if (transport === 'wire')
      expect(failure).toMatchObject({ kind: 'protocol', why: 'the server answers HTTP/1.1, not HTTP/2' });
    const https1 = createTlsServer({ cert: server.certPem, key: server.keyPem, ALPNProtocols: ['http/1.1'] });
    https1.on('tlsClientError', () => {});
    const failed = await attempt(`https://127.0.0.1:${await portOf(https1)}`, { caPem: ca.certPem });
    expect(failed).toMatchObject({ kind: 'protocol', why: 'the server does not offer HTTP/2 (ALPN h2)' });
  });

  it.each<[name: string, tls: () => Partial<TlsSettings>]>([
    ['a CA that is no PEM', () => ({ caPem: 'nonsense' })],
    ['a key that is no PEM', () => ({ certPem: client.certPem, keyPem: 'nonsense' })],
    ['a key of another certificate', () => ({ certPem: client.certPem, keyPem: server.keyPem })],
  ])('names %s before it sends anything', async (_name, tls) => {
    const failure = await attempt('https://127.0.0.1:1', tls());
    expect(failure).toMatchObject({ kind: 'credentials' });
    expect((failure as ConnectFailure).message).toMatch(
      /^https:\/\/127\.0\.0\.1:1: the certificate, key or CA cannot be used: /,
    );
  });
});

const noTls: TlsSettings = { caPem: null, certPem: null, keyPem: null, serverName: null, insecureSkipVerify: false };

function mutual(pair: KeyPair): ListenOptions['tls'] {
  return { cert: pair.certPem, key: pair.keyPem, ca: ca.certPem, requestCert: true, rejectUnauthorized: true };
}

async function pairOf(issued: Promise<KeyPair>): Promise<Partial<TlsSettings>> {
  return issued;
}

async function echo(tls: ListenOptions['tls']): Promise<number> {
  const listening = await listen({
    address: { host: '127.0.0.1', port: 0 },
    tls,
    routes: { unary: new Map([['/test.Echo/Unary', (each, request) => each.reply(request)]]), streaming: new Map() },
    http: null,
    budget: new ByteBudget(1024 * 1024),
  });
  cleanups.push(() => listening.close(0));
  return listening.port;
}

async function portOf(listening: Server): Promise<number> {
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => void listening.close());
  return (listening.address() as AddressInfo).port;
}
