/** The pump, with a connection that only records what the pump does to it. */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ClientConnection } from '../../src/wire/contract.ts';
import { WireCounters } from '../../src/wire/counters.ts';
import { dial, DialError, flushSockets, type DialedSocket } from '../../src/wire/socket.ts';
import { TestCa } from '../tools/certificates.ts';

/** Ready after its first input; echoes nothing; says what it was told. */
class FakeConnection implements ClientConnection {
  readonly counters = new WireCounters();
  readonly inputs: string[] = [];
  output: Uint8Array[] = [];
  drained = 0;
  ticks = 0;
  closedBecause: string | null = null;
  wantsInput = true;
  finished = false;
  ready = false;
  closeReason = '';
  pinnedBytes = 0;
  openCalls = 0;
  onOutput: () => void = () => {};
  onInput: () => unknown = () => null;

  receive(chunk: Uint8Array): void {
    this.inputs.push(Buffer.from(chunk).toString('latin1'));
    this.onInput();
    this.ready = !this.inputs.join('').includes('goaway');
  }
  get hasOutput(): boolean {
    return this.finished || this.output.length > 0;
  }
  takeOutput(): Uint8Array | null {
    return this.output.length === 0 ? null : Buffer.concat(this.output.splice(0));
  }
  tick(): void {
    this.ticks++;
  }
  transportClosed(reason: string): void {
    this.closedBecause = reason;
  }
  outputLeft(): void {}

  outputDrained(): void {
    this.drained++;
  }
  close(): void {
    this.finished = true;
    this.onOutput();
  }
  abort(): void {
    this.finished = true;
    this.onOutput();
  }
  write(bytes: Uint8Array): void {
    this.output.push(bytes);
    this.onOutput();
  }
  unary(): number {
    return 0;
  }
  cancel(): void {}
  openStream(): never {
    throw new Error('not used');
  }
}

const settingsFrame = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
const cleanups: (() => void)[] = [];
afterEach(() => cleanups.splice(0).forEach((cleanup) => cleanup()));

describe('dial', () => {
  it('sends the preface, and resolves when the settings are here', async () => {
    const got: Buffer[] = [];
    const server = await tcp((socket) => {
      socket.write(settingsFrame);
      socket.on('data', (chunk: Buffer) => got.push(chunk));
    });
    const { connection } = await dialTo(server, { first: Buffer.from('preface') });
    await until(() => got.length > 0);
    expect(Buffer.concat(got).toString()).toBe('preface');
    expect(connection.inputs).toHaveLength(1);
  });

  it.each([
    { name: 'TLS', bytes: Buffer.from([21, 3, 1, 0, 2, 2, 70]), code: 'WIRE_PEER_TLS' },
    { name: 'HTTP/1.1', bytes: Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), code: 'WIRE_PEER_HTTP1' },
    { name: 'something else', bytes: Buffer.from('SSH-2.0-x\r\n'), code: 'WIRE_PEER_OTHER' },
    { name: 'nothing, and closes', bytes: null, code: 'WIRE_CLOSED' },
  ])('names a peer that speaks $name', async ({ bytes, code }) => {
    const server = await tcp((socket) => void (bytes === null ? socket.end() : socket.write(bytes)));
    await expect(dialTo(server)).rejects.toMatchObject({ code });
  });

  it('gives up at its time-out, and says how far it came', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    cleanups.push(() => void vi.useRealTimers());
    let spoken = (): void => {};
    const hasSpoken = new Promise<void>((resolve) => (spoken = resolve));
    const server = await tcp((socket) => socket.once('data', () => spoken()));
    const dialing = dialTo(server, { first: Buffer.from('preface'), timeoutMs: 300 }).catch((error: unknown) => error);
    await hasSpoken; // however long that takes here
    vi.advanceTimersByTime(300);
    const failure = await dialing;
    expect(failure).toBeInstanceOf(DialError);
    expect(failure).toMatchObject({ code: 'WIRE_TIMEOUT', message: 'waiting for HTTP/2 settings' });
  });

  it('gives up when told to', async () => {
    const server = await tcp(() => {});
    const giveUp = new AbortController();
    const dialing = dialTo(server, { signal: giveUp.signal });
    giveUp.abort();
    await expect(dialing).rejects.toMatchObject({ code: 'WIRE_CLOSED' });
  });

  it('hands on what node says about a refused connection', async () => {
    await expect(dialTo({ port: 1 })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('wants h2 from ALPN', async () => {
    const ca = await TestCa.create();
    const { certPem, keyPem } = await ca.issue();
    for (const [offered, outcome] of [
      ['h2', 'ready'],
      ['http/1.1', 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL'],
      [null, 'WIRE_NO_H2'],
    ] as const) {
      const server = createTlsServer({ cert: certPem, key: keyPem, ...(offered ? { ALPNProtocols: [offered] } : {}) });
      server.on('secureConnection', (socket) => socket.on('error', () => {}).write(settingsFrame));
      server.on('tlsClientError', () => {});
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      cleanups.push(() => server.close());
      const dialed = dialTo({ port: (server.address() as AddressInfo).port }, { tls: { ca: ca.certPem } });
      const result: unknown = await dialed.then(
        () => 'ready',
        (error: Error & { code: string }) => error.code,
      );
      expect(result).toBe(outcome);
    }
  });
});

describe('pump', () => {
  it('writes once per turn, whatever was written how often', async () => {
    const { connection, dialed, server } = await ready();
    const written = countWrites(dialed);
    connection.write(Buffer.from('a'));
    connection.write(Buffer.from('b'));
    await nextTurn();
    expect(written.sizes).toEqual([2]);
    await until(() => server.text() === 'ab');
    connection.output = [Buffer.from('cde')];
    connection.onOutput();
    connection.onOutput();
    flushSockets();
    expect(written.sizes).toEqual([2, 3]);
    await nextTurn();
    expect(written.sizes).toEqual([2, 3]);
  });

  it('is flushed after input only when that made output', async () => {
    const { connection, dialed, server } = await ready();
    await nextTurn();
    const written = countWrites(dialed);
    let flushes = 0;
    connection.takeOutput = () => {
      flushes++;
      return connection.output.shift() ?? null;
    };
    server.socket().write('nothing to answer');
    await until(() => connection.inputs.length === 2);
    await nextTurn();
    expect(flushes).toBe(0);
    connection.onInput = () => connection.output.push(Buffer.from('answer'));
    server.socket().write('a question');
    await until(() => connection.inputs.length === 3);
    await nextTurn();
    expect(written.sizes).toEqual([6]);
  });

  it('tells when the output has left, also after a backlog', async () => {
    const { connection, server } = await ready({ pauseServer: true });
    connection.write(Buffer.from('small'));
    await nextTurn();
    expect(connection.drained).toBe(1);
    connection.write(Buffer.alloc(30_000_000));
    await nextTurn();
    expect(connection.drained).toBe(1);
    server.socket().resume();
    await until(() => connection.drained === 2);
  });

  it('stops reading while the connection wants no input', async () => {
    const { connection, server } = await ready();
    connection.wantsInput = false;
    server.socket().write('first');
    await until(() => connection.inputs.length === 2);
    server.socket().write('second');
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(connection.inputs).toHaveLength(2);
    connection.wantsInput = true;
    connection.onOutput();
    await until(() => connection.inputs.length === 3);
    expect(connection.inputs[2]).toBe('second');
  });

  it('ticks while it is open, and not after', async () => {
    const { connection, server } = await ready();
    await until(() => connection.ticks > 1);
    server.socket().destroy();
    await until(() => connection.closedBecause !== null);
    const { ticks } = connection;
    await new Promise((resolve) => setTimeout(resolve, 120));
    expect(connection.ticks).toBe(ticks);
  });

  it('tells of the end: closed, reset and going away', async () => {
    const { connection, events, server } = await ready();
    server.socket().write('goaway');
    await until(() => events.length === 1);
    server.socket().write('goaway again');
    server.socket().end();
    await until(() => events.length === 2);
    expect(events).toEqual(['going away', 'closed: connection closed by the peer']);
    expect(connection.closedBecause).toBe('connection closed by the peer');
  });

  it('reads on after its end, whatever the connection says, so that the close of the peer is seen', async () => {
    const { connection, events, server } = await ready({ allowHalfOpen: true });
    connection.wantsInput = false;
    connection.close();
    await until(() => server.ended());
    server.socket().write('late');
    server.socket().end();
    await until(() => events.length === 1);
    expect(events).toEqual(['closed: connection closed by the peer']);
  });

  it('closes the socket when the connection has finished, and does not wait for ever', async () => {
    const { connection, events, server } = await ready({ allowHalfOpen: true });
    connection.output.push(Buffer.from('bye'));
    connection.close();
    await until(() => server.text() === 'bye' && server.ended());
    await until(() => events.length === 1); // the server never ends its side
    expect(events).toEqual(['closed: the peer did not close in time']);
  });
});

interface DialSettings {
  readonly first?: Uint8Array;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly tls?: object;
  readonly events?: string[];
}

async function dialTo({ port }: { port: number }, settings: DialSettings = {}) {
  const connection = new FakeConnection();
  if (settings.first !== undefined) connection.output.push(settings.first);
  const dialed = await dial({
    target: { host: '127.0.0.1', port },
    tls: settings.tls === undefined ? null : { ALPNProtocols: ['h2'], ...settings.tls },
    timeoutMs: settings.timeoutMs ?? 5_000,
    signal: settings.signal ?? new AbortController().signal,
    makeConnection: (_nowMs, onOutput) => {
      connection.onOutput = onOutput;
      return connection;
    },
    onGoingAway: () => void settings.events?.push('going away'),
    onClosed: (reason) => void settings.events?.push(`closed: ${reason}`),
  });
  cleanups.push(() => dialed.pump.destroy('test over'));
  return { connection, dialed };
}

async function ready(options: { pauseServer?: boolean; allowHalfOpen?: boolean } = {}) {
  let accepted: Socket | null = null;
  const chunks: Buffer[] = [];
  let ended = false;
  const server = await tcp((socket) => {
    accepted = socket;
    socket.write(settingsFrame);
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('end', () => (ended = true));
    if (options.pauseServer === true) socket.pause();
  }, options.allowHalfOpen);
  const events: string[] = [];
  const { connection, dialed } = await dialTo(server, { events });
  const view = {
    socket: () => accepted!,
    text: () => Buffer.concat(chunks).toString('latin1'),
    ended: () => ended,
  };
  return { connection, dialed, events, server: view };
}

function countWrites(dialed: DialedSocket): { sizes: number[] } {
  const sizes: number[] = [];
  const { socket } = dialed.pump;
  const write = socket.write.bind(socket);
  socket.write = (chunk: Uint8Array) => {
    sizes.push(chunk.length);
    return write(chunk);
  };
  return { sizes };
}

async function tcp(onSocket: (socket: Socket) => void, allowHalfOpen = false): Promise<{ port: number }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer({ allowHalfOpen }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return { port: (server.address() as AddressInfo).port };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(() => setImmediate(() => setImmediate(resolve)), 2));
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}
