/** Our client against a real etcd over both transports: what a mock would not tell. Both have to give the same answers. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { Auth, Cluster, KV, Lease, Maintenance, Watch } from '../../../src/api/methods.ts';
import type { TlsSettings, TransportName } from '../../../src/client/channel.ts';
import { Client, type ClientOptions } from '../../../src/client/client.ts';
import { ConnectFailure } from '../../../src/client/connect-failure.ts';
import { createChannel, defaultChannelSettings } from '../../../src/client/connect.ts';
import { parseEndpoint } from '../../../src/client/endpoint.ts';
import { leaderEndpoint } from '../../../src/client/leader.ts';
import { call, openRecorded } from '../../client/calls.ts';
import { TestCa, type KeyPair } from '../../tools/certificates.ts';
import { startEtcd, startEtcdCluster, type Etcd } from '../../tools/etcd.ts';

const transports: TransportName[] = ['grpc-js', 'wire'];
const bytes = (text: string): Uint8Array => Buffer.from(text);

function clientOf(urls: readonly string[], transport: TransportName, options: Partial<ClientOptions> = {}): Client {
  const channel = { ...defaultChannelSettings, transport, reconnect: { baseMs: 20, maxMs: 200 } };
  return new Client({
    endpoints: urls.map((url) => parseEndpoint(url)),
    channel,
    user: null,
    timeoutMs: 10_000,
    ...options,
  });
}

describe('plain', () => {
  let etcd: Etcd;
  beforeAll(async () => {
    etcd = await startEtcd();
  });
  afterAll(() => etcd.stop());

  describe.each(transports)('over %s', (transport) => {
    let client: Client;
    beforeAll(() => {
      client = clientOf([etcd.url], transport);
    });
    afterAll(() => client.close());

    it('puts, reads, deletes', async () => {
      const key = bytes(`${transport}/k`);
      const put = await client.unary(KV.Put, { key, value: bytes('v') });
      const { kvs, count } = await client.unary(KV.Range, { key });
      expect(count).toBe(1);
      expect(Buffer.from(kvs[0]!.value).toString()).toBe('v');
      expect(kvs[0]!.mod_revision).toBe(put.header?.revision);
      expect((await client.unary(KV.DeleteRange, { key })).deleted).toBe(1);
    });

    it('moves values larger than any window, in and out', async () => {
      const key = bytes(`${transport}/large`);
      const value = Buffer.alloc(1_400_000, 'x');
      for (let i = 0; i < 8; i++) await client.unary(KV.Put, { key: Buffer.concat([key, Buffer.from([i])]), value });
      const { kvs } = await client.unary(KV.Range, { key, range_end: bytes(`${transport}/largf`) });
      expect(kvs).toHaveLength(8);
      expect(kvs.every((kv) => Buffer.compare(kv.value, value) === 0)).toBe(true);
    });

    it.each([
      ['Put', KV.Put.path, KV.Put.request.encode({}), 3, 'etcdserver: key is not provided'],
      [
        'LeaseRevoke',
        Lease.LeaseRevoke.path,
        Lease.LeaseRevoke.request.encode({ ID: 99n }),
        5,
        'etcdserver: requested lease not found',
      ],
      [
        'Authenticate',
        Auth.Authenticate.path,
        Auth.Authenticate.request.encode({ name: 'a' }),
        9,
        'etcdserver: authentication is not enabled',
      ],
    ] as const)('is refused %s in etcd’s words', async (_name, path, request, code, message) => {
      const options = { ...defaultChannelSettings, transport };
      const channel = createChannel(parseEndpoint(etcd.url), options);
      await channel.connect();
      expect(await call(channel, path, request)).toEqual({ code, message, payload: '' });
      await channel.close(0);
    });

    it('is refused a request beyond etcd’s limit', async () => {
      const value = Buffer.alloc(3_000_000);
      await expect(client.unary(KV.Put, { key: bytes('k'), value })).rejects.toMatchObject({
        code: 8,
        message: expect.stringMatching(/^grpc: received message larger than max \(\d+ vs\. \d+\)$/) as string,
      });
    });

    it('watches', async () => {
      const key = bytes(`${transport}/watched`);
      const stream = await client.duplex(Watch.Watch);
      await stream.send({ request_union: { $case: 'create_request', value: { key } } });
      expect((await stream.next()).value).toMatchObject({ created: true });
      for (let i = 0; i < 50; i++) await client.unary(KV.Put, { key, value: bytes(String(i)) });
      const values: string[] = [];
      while (values.length < 50) {
        const { value } = await stream.next();
        for (const event of value?.events ?? []) values.push(Buffer.from(event.kv!.value).toString());
      }
      expect(values).toEqual(Array.from({ length: 50 }, (_, i) => String(i)));
      stream.cancel();
      await expect(stream.next()).rejects.toMatchObject({ code: 1 });
    });

    it('keeps a lease alive', async () => {
      const { ID, TTL } = await client.unary(Lease.LeaseGrant, { TTL: 60 });
      const stream = await client.duplex(Lease.LeaseKeepAlive);
      for (let i = 0; i < 3; i++) {
        await stream.send({ ID });
        expect((await stream.next()).value).toMatchObject({ ID, TTL });
      }
      stream.cancel();
      await expect(stream.next()).rejects.toMatchObject({ code: 1 });
      await client.unary(Lease.LeaseRevoke, { ID });
    });

    it('reads a snapshot to its end', async () => {
      let total = 0;
      let last = -1;
      for await (const { blob, remaining_bytes: remaining } of await client.serverStream(Maintenance.Snapshot, {})) {
        total += blob.length;
        last = remaining;
      }
      expect(total).toBeGreaterThan(20_000);
      expect(last).toBe(0);
    });

    it('ends at a deadline that etcd keeps too', async () => {
      const channel = createChannel(parseEndpoint(etcd.url), { ...defaultChannelSettings, transport });
      await channel.connect();
      const { ended } = openRecorded(channel, Watch.Watch.path, { timeoutMs: 60, metadata: [] });
      expect([2, 4]).toContain((await ended).code); // 2 is what etcd makes of it when its answer comes before our tick
      await channel.close(0);
    });

    it('says that it is the leader', async () => {
      expect((await leaderEndpoint(client, 20_000))?.url).toBe(etcd.url);
      const { members } = await client.unary(Cluster.MemberList, {});
      expect(members.map((member) => member.name)).toEqual(['infra0']);
    });

    it('comes back after etcd was killed and restarted', async () => {
      await client.unary(KV.Put, { key: bytes('before'), value: bytes('1') });
      await etcd.kill();
      etcd = await etcd.restart();
      const { count } = await client.unary(KV.Range, { key: bytes('before') });
      expect(count).toBe(1);
    });
  });

  it('is told too_many_pings when it pings too often', async () => {
    const channel = createChannel(parseEndpoint(etcd.url), {
      ...defaultChannelSettings,
      transport: 'wire',
      keepAliveMs: 60,
      reconnect: { baseMs: 60_000, maxMs: 60_000 },
    });
    await channel.connect();
    const { ended } = openRecorded(channel, Watch.Watch.path, { timeoutMs: 0, metadata: [] });
    expect(await ended).toMatchObject({ code: 14, message: expect.stringContaining('too_many_pings') as string });
    await channel.close(0);
  });
});

describe('authentication', () => {
  let etcd: Etcd;
  const user = { name: 'root', password: 'secret' };
  beforeAll(async () => {
    etcd = await startEtcd({ args: ['--auth-token-ttl=2'] });
    const client = clientOf([etcd.url], 'grpc-js');
    await client.unary(Auth.UserAdd, { name: 'root', password: 'secret' });
    await client.unary(Auth.UserGrantRole, { user: 'root', role: 'root' });
    await client.unary(Auth.AuthEnable, {});
    await client.close();
  });
  afterAll(() => etcd.stop());

  it.each(transports)('works over %s, also after the token has expired', async (transport) => {
    const client = clientOf([etcd.url], transport, { user });
    await client.unary(KV.Put, { key: bytes('k'), value: bytes('v') });
    const token = await client.metadata();
    await new Promise((resolve) => setTimeout(resolve, 6_000));
    await client.unary(KV.Put, { key: bytes('k'), value: bytes('w') });
    expect(await client.metadata()).not.toEqual(token);
    await client.close();
  });

  it.each(transports)('says what is wrong over %s', async (transport) => {
    const nobody = clientOf([etcd.url], transport);
    await expect(nobody.unary(KV.Put, { key: bytes('k') })).rejects.toMatchObject({
      code: 3,
      message: 'etcdserver: user name is empty',
    });
    const wrong = clientOf([etcd.url], transport, { user: { name: 'root', password: 'guess' } });
    await expect(wrong.unary(KV.Put, { key: bytes('k') })).rejects.toMatchObject({
      code: 3,
      message: 'etcdserver: authentication failed, invalid user ID or password',
    });
    await Promise.all([nobody.close(), wrong.close()]);
  });
});

describe('TLS', () => {
  let directory: string;
  let ca: TestCa;
  let client: KeyPair;
  let secured: Etcd;
  let mutual: Etcd;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'qb-certs-'));
    ca = await TestCa.create();
    client = await ca.issue({ commonName: 'client', usage: 'client' });
    const { certPem, keyPem } = await ca.issue();
    const files = { certFile: join(directory, 'cert.pem'), keyFile: join(directory, 'key.pem') };
    const caFile = join(directory, 'ca.pem');
    await Promise.all([
      writeFile(files.certFile, certPem),
      writeFile(files.keyFile, keyPem),
      writeFile(caFile, ca.certPem),
    ]);
    secured = await startEtcd({ tls: files });
    mutual = await startEtcd({ tls: { ...files, caFile } });
  });
  afterAll(async () => {
    await Promise.all([secured.stop(), mutual.stop()]);
    await rm(directory, { recursive: true });
  });

  async function attempt(url: string, transport: TransportName, tls: Partial<TlsSettings> | null): Promise<unknown> {
    const none = { caPem: null, certPem: null, keyPem: null, serverName: null, insecureSkipVerify: false };
    const channel = { ...defaultChannelSettings, transport, tls: tls === null ? null : { ...none, ...tls } };
    const caller = clientOf([url], transport, { channel });
    try {
      return (await caller.unary(KV.Put, { key: bytes('k'), value: bytes('v') })).header?.revision;
    } catch (thrown) {
      return thrown;
    } finally {
      await caller.close();
    }
  }

  it.each(transports)('carries calls over %s, with and without a client certificate', async (transport) => {
    const pair = { certPem: client.certPem, keyPem: client.keyPem };
    expect(await attempt(secured.url, transport, { caPem: ca.certPem })).toBeGreaterThan(0);
    expect(await attempt(mutual.url, transport, { caPem: ca.certPem, ...pair })).toBeGreaterThan(0);
  });

  it.each(transports)('names what does not fit over %s', async (transport) => {
    const stranger = await (await TestCa.create('another')).issue({ usage: 'client' });
    const pair = { certPem: stranger.certPem, keyPem: stranger.keyPem };
    expect(await attempt(secured.url, transport, {})).toMatchObject({ kind: 'certificate' });
    for (const offered of [{}, pair]) {
      const failure = await attempt(mutual.url, transport, { caPem: ca.certPem, ...offered });
      expect(failure).toBeInstanceOf(ConnectFailure);
      expect(failure).toMatchObject({ kind: 'clientCertificate' });
    }
    const plain = await attempt(secured.url.replace('https', 'http'), transport, null);
    expect(plain).toMatchObject({ code: 14, remedy: expect.stringContaining('https://') as string });
  });

  it.each(transports)('names a plain etcd behind https:// over %s', async (transport) => {
    const plain = await startEtcd();
    onTestFinished(() => plain.stop());
    const failure = await attempt(plain.url.replace('http', 'https'), transport, { caPem: ca.certPem });
    expect(failure).toMatchObject({ kind: 'protocol', why: expect.stringContaining('no TLS') as string });
  });
});

describe('three members', () => {
  it.each(transports)('are failed over between, over %s', async (transport) => {
    const cluster = await startEtcdCluster(3);
    onTestFinished(async () => {
      await Promise.all(cluster.map((member) => member.stop()));
    });
    const client = clientOf(
      cluster.map((member) => member.url),
      transport,
      { timeoutMs: 20_000 },
    );
    await client.unary(KV.Put, { key: bytes('k'), value: bytes('v') });
    const leader = await leaderEndpoint(client, 20_000);
    const dying = cluster.find((member) => member.url === leader?.url)!;
    await dying.kill();
    expect((await client.unary(KV.Range, { key: bytes('k') })).count).toBe(1);
    const next = await leaderEndpoint(client, 20_000);
    expect(next).not.toBeNull();
    expect(next?.url).not.toBe(dying.url);
    await client.close();
  });
});
