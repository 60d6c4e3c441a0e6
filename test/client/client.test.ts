/** The client over both transports against scripted servers: what it repeats, what it must not, and where it goes. */
import { connect as connectTcp, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { Auth, KV, Maintenance, Watch } from '../../src/api/methods.ts';
import type { TransportName } from '../../src/client/channel.ts';
import { Client, type ClientOptions } from '../../src/client/client.ts';
import { ConnectFailure } from '../../src/client/connect-failure.ts';
import { defaultChannelSettings } from '../../src/client/connect.ts';
import { parseEndpoint } from '../../src/client/endpoint.ts';
import { leaderEndpoint, memberViews } from '../../src/client/leader.ts';
import type { StreamingHandler } from '../../src/wire/contract.ts';
import { ByteBudget } from '../../src/wire/byte-budget.ts';
import { StatusError } from '../../src/wire/status.ts';
import {
  answer,
  startScriptedServer,
  type Answer,
  type Script,
  type ScriptedServer,
} from '../tools/scripted-server.ts';

const failed = (code: number, message: string): Answer => ({ code, message });
const unavailable = (message: string) => failed(14, message);
const noLeader = unavailable('etcdserver: no leader');
const cleanups: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

describe.each(['grpc-js', 'wire'] as TransportName[])('client over %s', (transport) => {
  function clientOf(ports: readonly number[], options: Partial<ClientOptions> = {}): Client {
    const client = new Client({
      endpoints: ports.map((port) => parseEndpoint(`127.0.0.1:${port}`)),
      channel: {
        ...defaultChannelSettings,
        transport,
        connectTimeoutMs: 20_000,
        reconnect: { baseMs: 20, maxMs: 100 },
      },
      user: null,
      timeoutMs: 20_000,
      ...options,
    });
    cleanups.push(() => client.close());
    return client;
  }

  it('encodes, calls, decodes', async () => {
    const server = await serve((script) =>
      answer(script, KV.Put, ({ key, value }) => ({ header: { revision: key.length + value.length } })),
    );
    const client = clientOf([server.port]);
    const reply = await client.unary(KV.Put, { key: Buffer.from('abc'), value: Buffer.from('de') });
    expect(reply.header?.revision).toBe(5);
  });

  it('ends with the server’s status', async () => {
    const server = await serve((script) =>
      answer(script, KV.Put, () => ({ code: 3, message: 'etcdserver: key is not provided' })),
    );
    await expect(clientOf([server.port]).unary(KV.Put, {})).rejects.toMatchObject({
      name: 'StatusError',
      code: 3,
      message: 'etcdserver: key is not provided',
    });
    expect(server.count(KV.Put)).toBe(1);
  });

  it('repeats a read that finds no leader, until there is one', async () => {
    const server = await serve((script) =>
      answer(script, KV.Range, (_request, nth) => (nth < 4 ? noLeader : { count: 7 })),
    );
    expect((await clientOf([server.port]).unary(KV.Range, {})).count).toBe(7);
    expect(server.count(KV.Range)).toBe(4);
  });

  it('asks the next endpoint when one is unavailable, and stays there', async () => {
    const sick = await serve((script) => answer(script, KV.Range, () => noLeader));
    const well = await serve((script) => answer(script, KV.Range, () => ({ count: 1 })));
    const client = clientOf([sick.port, well.port]);
    for (let i = 0; i < 3; i++) await client.unary(KV.Range, {});
    expect([sick.count(KV.Range), well.count(KV.Range)]).toEqual([1, 3]);
  });

  it.each([
    { name: 'no leader', failure: noLeader },
    { name: 'leader changed', failure: unavailable('etcdserver: leader changed') },
    { name: 'timed out', failure: unavailable('etcdserver: request timed out') },
  ])('never repeats a write the server has seen: $name', async ({ failure }) => {
    const server = await serve((script) => answer(script, KV.Put, () => failure));
    const other = await serve((script) => answer(script, KV.Put, () => ({})));
    await expect(clientOf([server.port, other.port]).unary(KV.Put, {})).rejects.toMatchObject({ code: 14 });
    expect([server.count(KV.Put), other.count(KV.Put)]).toEqual([1, 0]);
  });

  it('never repeats a write whose connection broke', async () => {
    let seen = 0;
    const server = await serve((script) =>
      answer(script, KV.Put, () => {
        seen++;
        proxy.cut();
        return null;
      }),
    );
    const proxy = await startProxy(server.port);
    await expect(clientOf([proxy.port]).unary(KV.Put, {})).rejects.toMatchObject({ code: 14 });
    expect(seen).toBe(1);
  });

  it('repeats a write that the server has refused unseen', async () => {
    const noRoom = { budget: new ByteBudget(0) }; // every stream gets REFUSED_STREAM
    const full = await serve((script) => answer(script, KV.Put, () => ({})), noRoom);
    const well = await serve((script) => answer(script, KV.Put, () => ({ header: { revision: 9 } })));
    const reply = await clientOf([full.port, well.port]).unary(KV.Put, {});
    expect(reply.header?.revision).toBe(9);
    expect(full.count(KV.Put)).toBe(0);
  });

  it('goes to the next endpoint when one is not there, also for writes', async () => {
    const server = await serve((script) => answer(script, KV.Put, () => ({})));
    const client = clientOf([1, server.port]);
    await client.unary(KV.Put, {});
    await client.unary(KV.Put, {});
    expect(server.count(KV.Put)).toBe(2);
  });

  it('fails over when a server dies, and serves on when it is back', async () => {
    const first = await serve((script) => answer(script, KV.Put, () => ({ header: { revision: 1 } })));
    const second = await serve((script) => answer(script, KV.Put, () => ({ header: { revision: 2 } })));
    const client = clientOf([first.port, second.port]);
    expect((await client.unary(KV.Put, {})).header?.revision).toBe(1);
    await first.stop();
    await untilAsync(async () => {
      const reply = await client.unary(KV.Put, {}).catch(() => null);
      return reply?.header?.revision === 2;
    });
    expect((await client.unary(KV.Put, {})).header?.revision).toBe(2);
  });

  it('waits for a server that restarts, within its deadline', async () => {
    const script: Script = new Map();
    answer(script, KV.Put, () => ({ header: { revision: 1 } }));
    const first = await startScriptedServer(script);
    const client = clientOf([first.port]);
    await client.unary(KV.Put, {});
    await first.stop();
    const again = untilAsync(async () => (await client.unary(KV.Put, {}).catch(() => null)) !== null);
    const address = { address: { host: '127.0.0.1', port: first.port } };
    const second = await startScriptedServer(script, new Map(), address);
    cleanups.push(() => second.stop());
    await again;
    expect(second.count(KV.Put)).toBeGreaterThan(0);
  });

  it('says which endpoints could not be reached, and why', async () => {
    const failure: unknown = await clientOf([1, 2])
      .connect()
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ConnectFailure);
    expect(failure).toMatchObject({
      kind: 'refused',
      message: 'http://127.0.0.1:1: connection refused; http://127.0.0.1:2: connection refused',
    });
    await expect(clientOf([1]).unary(KV.Put, {})).rejects.toMatchObject({ kind: 'refused' });
  });

  it('ends at its deadline, retries included', async () => {
    const server = await serve((script) => {
      answer(script, KV.Range, () => noLeader);
      answer(script, KV.Put, () => null);
    });
    const client = clientOf([server.port]);
    await client.connect(); // then a second is enough for the put to be seen
    await expect(client.unary(KV.Put, {}, { timeoutMs: 1_000 })).rejects.toMatchObject({ code: 4 });
    await expect(client.unary(KV.Range, {}, { timeoutMs: 60 })).rejects.toBeInstanceOf(StatusError);
    expect(server.count(KV.Put)).toBe(1);
  });

  it('ends when its signal says so, before and during the call', async () => {
    const server = await serve((script) => answer(script, KV.Put, () => null));
    const client = clientOf([server.port]);
    const stop = new AbortController();
    const call = client.unary(KV.Put, {}, { signal: stop.signal });
    await until(() => server.count(KV.Put) === 1);
    stop.abort();
    await expect(call).rejects.toMatchObject({ code: 1, message: 'context canceled' });
    await expect(client.unary(KV.Put, {}, { signal: stop.signal })).rejects.toMatchObject({ code: 1 });
    expect(server.count(KV.Put)).toBe(1);
  });

  it('gives up after a bounded number of attempts', async () => {
    const server = await serve((script) => answer(script, KV.Range, () => noLeader));
    const client = clientOf([server.port], { attemptsMax: 4 });
    await expect(client.unary(KV.Range, {})).rejects.toMatchObject({ code: 14, message: 'etcdserver: no leader' });
    expect(server.count(KV.Range)).toBe(4);
  });

  it('asks one endpoint and no other when told to', async () => {
    const first = await serve((script) => answer(script, Maintenance.Status, () => ({ version: 'one' })));
    const second = await serve((script) => answer(script, Maintenance.Status, () => ({ version: 'two' })));
    const client = clientOf([first.port, second.port]);
    const endpoint = client.endpoints[1]!;
    expect((await client.unary(Maintenance.Status, {}, { endpoint })).version).toBe('two');
    expect(first.calls).toEqual([]);
  });

  it('calls a reply that is no message what it is', async () => {
    const server = await startScriptedServer(new Map([[KV.Put.path, () => Uint8Array.of(0x0a, 0xff)]]));
    cleanups.push(() => server.stop());
    await expect(clientOf([server.port]).unary(KV.Put, {})).rejects.toMatchObject({ code: 13 });
  });

  it('finds the leader', async () => {
    const status = (memberId: bigint) => (script: Script) =>
      answer(script, Maintenance.Status, () => ({ header: { member_id: memberId }, leader: 2n }));
    const [one, two] = [await serve(status(1n)), await serve(status(2n))];
    const client = clientOf([1, one.port, two.port]);
    expect((await leaderEndpoint(client, 10_000))?.port).toBe(two.port);
    const views = await memberViews(client, 10_000);
    expect(views.map((view) => view.memberId)).toEqual([null, 1n, 2n]);
    expect(views[0]?.problem).toBe('http://127.0.0.1:1: connection refused');
    expect(await leaderEndpoint(clientOf([one.port]), 10_000)).toBeNull();
  });

  describe('with a user', () => {
    const user = { name: 'root', password: 'secret' };

    function authenticating(script: Script): void {
      answer(script, Auth.Authenticate, ({ name, password }, nth) =>
        name === 'root' && password === 'secret'
          ? { token: `token.${nth}` }
          : { code: 3, message: 'etcdserver: authentication failed, invalid user ID or password' },
      );
    }

    it('authenticates once, and sends the token along', async () => {
      const server = await serve((script) => {
        authenticating(script);
        answer(script, KV.Put, () => ({}));
      });
      const client = clientOf([server.port], { user });
      await Promise.all([client.unary(KV.Put, {}), client.unary(KV.Put, {}), client.unary(KV.Put, {})]);
      expect(server.calls).toEqual([
        '/etcdserverpb.Auth/Authenticate -',
        ...[1, 2, 3].map(() => '/etcdserverpb.KV/Put token.1'),
      ]);
      expect(await client.metadata()).toEqual([['token', 'token.1']]);
    });

    it.each(['etcdserver: invalid auth token', 'etcdserver: revision of auth store is old'])(
      'authenticates again on "%s", also for a write',
      async (message) => {
        const server = await serve((script) => {
          authenticating(script);
          answer(script, KV.Put, (_request, nth) => (nth === 2 ? failed(16, message) : {}));
        });
        const client = clientOf([server.port], { user });
        await client.unary(KV.Put, {});
        await client.unary(KV.Put, {});
        expect(server.calls.slice(2)).toEqual([
          '/etcdserverpb.KV/Put token.1',
          '/etcdserverpb.Auth/Authenticate -',
          '/etcdserverpb.KV/Put token.2',
        ]);
      },
    );

    it('does so once, and no more', async () => {
      const server = await serve((script) => {
        authenticating(script);
        answer(script, KV.Put, () => ({ code: 16, message: 'etcdserver: invalid auth token' }));
      });
      await expect(clientOf([server.port], { user }).unary(KV.Put, {})).rejects.toMatchObject({ code: 16 });
      expect(server.count(KV.Put)).toBe(2);
    });

    it('goes on without a token when authentication is off, and fetches one when it is switched on', async () => {
      let on = false;
      const server = await serve((script) => {
        answer(script, Auth.Authenticate, () =>
          on ? { token: 'token.1' } : { code: 9, message: 'etcdserver: authentication is not enabled' },
        );
        answer(script, KV.Put, (_request, _nth, call) => {
          const anonymous = !call.metadata.some(([name]) => name === 'token');
          return on && anonymous ? failed(3, 'etcdserver: user name is empty') : {};
        });
      });
      const client = clientOf([server.port], { user });
      await client.unary(KV.Put, {});
      on = true;
      await client.unary(KV.Put, {});
      expect(server.calls.filter((call) => call.includes('Put'))).toEqual([
        '/etcdserverpb.KV/Put -',
        '/etcdserverpb.KV/Put -',
        '/etcdserverpb.KV/Put token.1',
      ]);
    });

    it('says that the password is wrong', async () => {
      const server = await serve(authenticating);
      const wrong = { name: 'root', password: 'guess' };
      await expect(clientOf([server.port], { user: wrong }).unary(KV.Put, {})).rejects.toMatchObject({
        message: 'etcdserver: authentication failed, invalid user ID or password',
      });
    });
  });

  describe('streams', () => {
    const watch: StreamingHandler = (call) => ({
      onMessage: (payload) => {
        const { request_union: union } = Watch.Watch.request.decode(payload);
        const created = union?.$case === 'create_request';
        call.send(Watch.Watch.response.encode({ created, watch_id: 5n }));
      },
      onHalfClose: () => call.end(0, ''),
      onCancel: () => {},
    });
    const snapshot: StreamingHandler = (call) => ({
      onMessage: () => {
        for (let i = 0; i < 100; i++)
          call.send(Maintenance.Snapshot.response.encode({ blob: Buffer.alloc(10_000, i) }));
        call.end(14, 'etcdserver: no leader');
      },
      onHalfClose: () => {},
      onCancel: () => {},
    });
    const streaming = new Map([
      [Watch.Watch.path, watch],
      [Maintenance.Snapshot.path, snapshot],
    ]);

    async function streamServer(): Promise<ScriptedServer> {
      const server = await startScriptedServer(new Map(), streaming);
      cleanups.push(() => server.stop());
      return server;
    }

    it('go both ways', async () => {
      const server = await streamServer();
      const stream = await clientOf([server.port]).duplex(Watch.Watch);
      await stream.send({ request_union: { $case: 'create_request', value: { key: Buffer.from('k') } } });
      expect((await stream.next()).value).toMatchObject({ created: true, watch_id: 5n });
      await stream.send({ request_union: { $case: 'progress_request', value: {} } });
      expect((await stream.next()).value).toMatchObject({ created: false });
      stream.end();
      expect(await stream.next()).toEqual({ done: true, value: undefined });
    });

    it('hand over every message to a slow reader, then the failure', async () => {
      const server = await streamServer();
      const stream = await clientOf([server.port]).serverStream(Maintenance.Snapshot, {});
      const blobs: number[] = [];
      const reading = (async () => {
        for await (const { blob } of stream) {
          blobs.push(blob[0]!);
          if (blobs.length % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 2));
        }
      })();
      await expect(reading).rejects.toMatchObject({ code: 14, message: 'etcdserver: no leader' });
      expect(blobs).toEqual(Array.from({ length: 100 }, (_, i) => i));
    });

    it('end when the reader leaves, or its signal says so', async () => {
      const server = await streamServer();
      const client = clientOf([server.port]);
      for await (const { blob } of await client.serverStream(Maintenance.Snapshot, {})) {
        expect(blob[0]).toBe(0);
        break;
      }
      const stop = new AbortController();
      const stream = await client.duplex(Watch.Watch, { signal: stop.signal });
      const waiting = stream.next();
      stop.abort();
      await expect(waiting).rejects.toMatchObject({ code: 1 });
      await stream.send({}); // does not hang
    });
  });
});

async function serve(write: (script: Script) => void, options = {}): Promise<ScriptedServer> {
  const script: Script = new Map();
  write(script);
  const server = await startScriptedServer(script, new Map(), options);
  cleanups.push(() => server.stop());
  return server;
}

/** A TCP relay that can be cut in the middle of a call. */
async function startProxy(port: number): Promise<{ port: number; cut: () => void }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const upstream = connectTcp(port, '127.0.0.1');
    for (const each of [socket, upstream]) {
      sockets.add(each);
      each.on('error', () => {});
    }
    socket.pipe(upstream).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => void server.close());
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  cleanups.push(cut);
  return { port: (server.address() as AddressInfo).port, cut };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

async function untilAsync(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
}
