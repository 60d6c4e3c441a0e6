/** The calls around a load against a real etcd, behind a firewall that forgets connections without telling either side. */
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { KV } from '../../../src/api/methods.ts';
import { utf8 } from '../../../src/base/bytes.ts';
import { removeKeys } from '../../../src/bench/cleanup.ts';
import { ClusterCaller } from '../../../src/bench/cluster-caller.ts';
import { openControl } from '../../../src/bench/control-clients.ts';
import { countKeys } from '../../../src/bench/control.ts';
import { Client } from '../../../src/client/client.ts';
import { defaultChannelSettings as channel } from '../../../src/client/connect.ts';
import { parseEndpoint } from '../../../src/client/endpoint.ts';
import { startEtcd, type Etcd } from '../../tools/etcd.ts';

const prefix = '/quorumbench/0123/';
const { signal } = new AbortController();

class Firewall {
  readonly #server: Server;
  readonly #sockets: Socket[] = [];

  constructor(port: number) {
    this.#server = createServer((near) => {
      const far = connect(port, '127.0.0.1');
      near.pipe(far).pipe(near);
      for (const socket of [near, far]) this.#sockets.push(socket.on('error', () => {}));
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Swallows what comes over the connections of now; new ones pass. */
  forget(): void {
    for (const socket of this.#sockets) socket.unpipe().resume();
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}

let etcd: Etcd;
let firewall: Firewall;
let url: string;
beforeEach(async () => {
  etcd = await startEtcd();
  firewall = new Firewall(etcd.clientPort);
  url = await firewall.listen();
});
afterEach(async () => {
  firewall.close();
  await etcd.stop();
});

it('clean-up does not rely on a connection that stood idle during the load', async () => {
  const control = await openControl([parseEndpoint(url)], channel, null, signal);
  try {
    const before = control.cluster(signal);
    await before.unary(KV.Put, { key: utf8(`${prefix}a`) });
    expect(await countKeys(before, utf8(prefix))).toBe(1);
    firewall.forget();
    const job = { prefix, keyBytesMax: 300, unanswered: false, signal, onProgress: () => {} };
    const cleanup = await removeKeys(control.cluster(signal), job);
    expect(cleanup).toMatchObject({ keysRemoved: 1, keysLeft: 0, error: null });
  } finally {
    await control.close();
  }
});

it('a call that is not answered in time is the last on its connection', async () => {
  const open = (): Client => new Client({ endpoints: [parseEndpoint(url)], channel, user: null, timeoutMs: 500 });
  const caller = new ClusterCaller(open, signal);
  const count = (): Promise<number | null> => countKeys(caller, utf8(prefix)).catch(() => null);
  try {
    await expect.poll(count).toBe(0);
    firewall.forget();
    expect(await count()).toBeNull();
    await expect.poll(count).toBe(0);
  } finally {
    await caller.close();
  }
});
