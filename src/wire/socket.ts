/**
 * Pumps bytes between node's sockets and the engine: the client's `dial`, and the `SocketPump` that the server's side
 * uses too. Everything that has a timer or a file descriptor in this room is here, in bound-socket.ts and in
 * server-socket.ts.
 *
 *   read callback -> connection.receive(chunk) -> marked dirty -+
 *   call from above -> connection.onOutput     -> marked dirty -+-> end of the turn: one write per socket
 *   every 50 ms     -> connection.tick         -> marked dirty -+
 *
 * Promises: a chunk costs no buffer (all client sockets of a thread read into one, as the engine keeps nothing of it); a
 * socket is written once per turn of the event loop; a peer that does not read stops our reading too.
 */
import { connect as connectTcp, type Socket, type TcpNetConnectOpts } from 'node:net';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { nowMs } from '../base/clock.ts';
import type { ClientConnection, Connection } from './contract.ts';

/** What the owner of a pump is told. */
export interface PumpObserver {
  /** After each chunk that the connection has received: the place to look at its state. */
  onReceived(): void;
  /** Last: the socket is gone and every call has been ended. `error` is the socket's, if it had one. */
  onClosed(reason: string, error: Error | null): void;
}

const tickMs = 50;
/** After the last byte was written, how long a peer may take to close its side. */
const lingerMs = 1_000;

/** One socket and its connection. Feed it with `receive`; it writes, ticks, resumes and closes by itself. */
export class SocketPump {
  readonly socket: Socket;
  readonly connection: Connection;
  readonly #observer: PumpObserver;
  #dirty = false;
  #paused = false;
  #open = false;
  #closed = false;
  #error: Error | null = null;
  #destroyAtMs = Infinity;

  constructor(socket: Socket, connection: Connection, observer: PumpObserver) {
    this.socket = socket;
    this.connection = connection;
    this.#observer = observer;
    socket.on('error', (error) => (this.#error ??= error));
    socket.on('drain', () => this.#drained());
    socket.on('close', () => this.#close());
  }

  /** The socket can be written: sends what the connection has so far, and starts its clock. */
  open(): void {
    this.#open = true;
    startTicking(this);
    this.markDirty();
  }

  /** False: stop reading, the pump will resume the socket by itself. */
  receive(chunk: Uint8Array): boolean {
    this.connection.receive(chunk, nowMs());
    if (this.connection.hasOutput) this.markDirty();
    this.#observer.onReceived();
    if (this.connection.wantsInput || this.#ending) return true;
    this.#paused = true;
    return false;
  }

  /** To be flushed at the end of this turn. */
  markDirty(): void {
    if (this.#dirty || !this.#open) return;
    this.#dirty = true;
    addDirty(this);
  }

  flush(): void {
    this.#dirty = false;
    if (this.#closed) return;
    const output = this.connection.takeOutput();
    if (output !== null && (this.socket.write(output) || this.socket.writableLength === 0)) this.#left();
    if (this.connection.finished) this.#finish();
    else if (this.#paused && this.connection.wantsInput) this.#resume();
  }

  tick(timeMs: number): void {
    this.connection.tick(timeMs);
    if (this.#paused || this.connection.hasOutput) this.markDirty();
    if (timeMs >= this.#destroyAtMs) this.destroy('the peer did not close in time');
  }

  /** Ends every call and says GOAWAY, now; then closes. */
  abort(reason: string): void {
    this.connection.abort(reason);
    this.flush();
  }

  /** Ends the socket without waiting for anything; `onClosed` follows in a later turn. */
  destroy(reason: string): void {
    this.#error ??= new Error(reason);
    this.socket.destroy();
  }

  #drained(): void {
    this.#left();
    this.markDirty();
  }

  /** A write that said true may still be under way; one that left nothing behind has been copied by the kernel or by TLS. */
  #left(): void {
    if (this.socket.writableLength === 0) this.connection.outputLeft();
    this.connection.outputDrained();
  }

  /** Our side is closed; what still arrives is read and thrown away, so that the peer's FIN is seen. */
  get #ending(): boolean {
    return this.#destroyAtMs !== Infinity;
  }

  #finish(): void {
    if (this.#ending) return;
    this.#destroyAtMs = nowMs() + lingerMs;
    this.socket.end();
    this.#resume();
  }

  #resume(): void {
    this.#paused = false;
    this.socket.resume();
  }

  #close(): void {
    this.#closed = true;
    stopTicking(this);
    const reason = this.#error?.message ?? 'connection closed by the peer';
    this.connection.transportClosed(reason);
    this.connection.tick(nowMs()); // the last: calls that could not start are told of it in ticks
    this.#observer.onClosed(this.connection.closeReason === '' ? reason : this.connection.closeReason, this.#error);
  }
}

let dirty: SocketPump[] = [];
let flushing: SocketPump[] = [];
let flushScheduled = false;

function addDirty(pump: SocketPump): void {
  dirty.push(pump);
  if (flushScheduled) return;
  flushScheduled = true;
  setImmediate(flushSockets);
}

/**
 * Writes what is waiting now instead of at the end of the turn: for a caller that has released a batch. Not to be called
 * from inside a callback of a connection.
 */
export function flushSockets(): void {
  flushScheduled = false;
  const batch = dirty;
  dirty = flushing;
  flushing = batch;
  for (let i = 0; i < batch.length; i++) batch[i]!.flush();
  batch.length = 0;
}

const ticking = new Set<SocketPump>();
let ticker: NodeJS.Timeout | null = null;

function startTicking(pump: SocketPump): void {
  ticking.add(pump);
  ticker ??= setInterval(tickAll, tickMs).unref();
}

function stopTicking(pump: SocketPump): void {
  ticking.delete(pump);
  if (ticking.size > 0 || ticker === null) return;
  clearInterval(ticker);
  ticker = null;
}

function tickAll(): void {
  const timeMs = nowMs();
  for (const pump of ticking) pump.tick(timeMs);
}

export type DialErrorCode =
  | 'WIRE_TIMEOUT'
  /** The peer's first bytes are a TLS record, an HTTP/1.1 answer, or neither of these nor HTTP/2. */
  | 'WIRE_PEER_TLS'
  | 'WIRE_PEER_HTTP1'
  | 'WIRE_PEER_OTHER'
  /** TLS without ALPN h2. */
  | 'WIRE_NO_H2'
  /** Closed or reset before the peer's SETTINGS: without TLS, in the handshake, after a handshake that went well. */
  | 'WIRE_CLOSED'
  /** HTTP/2, but no: GOAWAY, or a broken rule, which the message tells. */
  | 'WIRE_REFUSED'
  | 'WIRE_CLOSED_IN_TLS'
  | 'WIRE_CLOSED_AFTER_TLS';

/** Why a socket that connected is of no use; other errors of `dial` are node's own. */
export class DialError extends Error {
  override readonly name = 'DialError';
  readonly code: DialErrorCode;

  constructor(code: DialErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

export interface DialOptions {
  readonly target: { readonly host: string; readonly port: number } | { readonly path: string };
  /** Null is plain text. Must offer ALPN h2. */
  readonly tls: ConnectionOptions | null;
  /** TCP, TLS and the peer's first SETTINGS frame together. */
  readonly timeoutMs: number;
  /** Gives the attempt up (WIRE_CLOSED); of no effect once it has resolved. */
  readonly signal: AbortSignal;
  /** Makes the engine, with these two of its options. */
  readonly makeConnection: (nowMs: number, onOutput: () => void) => ClientConnection;
  /** The server takes no more calls, but finishes those that are open. Called at most once, before `onClosed`. */
  readonly onGoingAway: () => void;
  /** Called once, if `dial` resolved. */
  readonly onClosed: (reason: string) => void;
}

export interface DialedSocket {
  readonly connection: ClientConnection;
  readonly pump: SocketPump;
}

/** Connects and resolves once the peer's SETTINGS are here; rejects with a DialError or node's error. */
export function dial(options: DialOptions): Promise<DialedSocket> {
  return new Promise((resolve, reject) => void new Dialing(options, resolve, reject));
}

type Stage = 'connecting' | 'in the TLS handshake' | 'waiting for HTTP/2 settings';

/** An attempt, and then the observer of its pump. */
class Dialing implements PumpObserver {
  readonly #options: DialOptions;
  readonly #resolve: (dialed: DialedSocket) => void;
  readonly #reject: (error: Error) => void;
  readonly #connection: ClientConnection;
  readonly #pump: SocketPump;
  readonly #timer: NodeJS.Timeout;
  #stage: Stage = 'connecting';
  #sniffed = false;
  #settled = false;
  #goingAway = false;
  #failure: DialError | null = null;
  readonly #onAbort = (): void => void this.#fail('WIRE_CLOSED', 'given up');

  constructor(options: DialOptions, resolve: (dialed: DialedSocket) => void, reject: (error: Error) => void) {
    this.#options = options;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#timer = setTimeout(() => this.#fail('WIRE_TIMEOUT', this.#stage), options.timeoutMs);
    this.#connection = options.makeConnection(nowMs(), () => this.#pump.markDirty());
    const socket = this.#socket();
    this.#pump = new SocketPump(socket, this.#connection, this);
    options.signal.addEventListener('abort', this.#onAbort);
  }

  onReceived(): void {
    if (this.#connection.ready) {
      if (!this.#settled) this.#succeed();
    } else if (!this.#settled) {
      const { closeReason } = this.#connection;
      if (closeReason !== '') this.#failure ??= new DialError('WIRE_REFUSED', closeReason);
    } else if (!this.#goingAway) {
      this.#goingAway = true;
      this.#options.onGoingAway();
    }
  }

  onClosed(reason: string, error: Error | null): void {
    if (this.#settled) return this.#options.onClosed(reason);
    this.#settle();
    this.#reject(this.#failure ?? this.#cause(reason, error));
  }

  /** When a peer hangs up says more than that it did; other errors speak for themselves. */
  #cause(reason: string, error: Error | null): Error {
    if (error !== null && (this.#stage === 'connecting' || !isReset(error))) return error;
    if (this.#options.tls === null) return new DialError('WIRE_CLOSED', reason);
    const early = this.#stage === 'in the TLS handshake';
    return new DialError(early ? 'WIRE_CLOSED_IN_TLS' : 'WIRE_CLOSED_AFTER_TLS', reason);
  }

  #socket(): Socket {
    const { target, tls } = this.#options;
    const common: Partial<TcpNetConnectOpts> = {
      onread: {
        buffer: readBuffer(),
        callback: (bytes, buffer) => this.#read(buffer.subarray(0, bytes)),
      },
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: tcpKeepAliveMs,
    };
    if (tls === null) return connectTcp({ ...common, ...target }, () => this.#speak());
    const secured: TLSSocket = connectTls({ ...common, ...target, ...tls } as ConnectionOptions, () => {
      if (secured.alpnProtocol === 'h2') this.#speak();
      else this.#fail('WIRE_NO_H2', String(secured.alpnProtocol));
    });
    secured.once('connect', () => (this.#stage = 'in the TLS handshake'));
    return secured;
  }

  #speak(): void {
    this.#stage = 'waiting for HTTP/2 settings';
    this.#pump.open();
  }

  #read(chunk: Uint8Array): boolean {
    if (!this.#sniffed) {
      this.#sniffed = true;
      const stranger = strangerOf(chunk);
      if (stranger !== null) return this.#fail(stranger, '');
    }
    return this.#pump.receive(chunk);
  }

  #succeed(): void {
    this.#settle();
    this.#resolve({ connection: this.#connection, pump: this.#pump });
  }

  #settle(): void {
    this.#settled = true;
    clearTimeout(this.#timer);
    this.#options.signal.removeEventListener('abort', this.#onAbort);
  }

  #fail(code: DialErrorCode, message: string): boolean {
    this.#failure ??= new DialError(code, message);
    this.#pump.destroy(message);
    return false;
  }
}

/** The peer closed the socket in the middle of things. */
export function isReset(error: Error): boolean {
  return 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
}

/** RFC 9113, 3.4: the server's first frame is SETTINGS. Who sends something else is named by its first bytes. */
function strangerOf(chunk: Uint8Array): DialErrorCode | null {
  if (chunk.length < 4 || chunk[3] === settingsFrameType) return null;
  if (chunk[0] === tlsAlertRecord && chunk[1] === 3) return 'WIRE_PEER_TLS';
  return Buffer.from(chunk.subarray(0, 5)).toString('latin1') === 'HTTP/' ? 'WIRE_PEER_HTTP1' : 'WIRE_PEER_OTHER';
}

const settingsFrameType = 4;
const tlsAlertRecord = 21;
const tcpKeepAliveMs = 15_000; // Go's dialer
const readBufferBytes = 256 * 1024;

let sharedReadBuffer: Uint8Array | null = null;

/** Unix reads when data is there, so one buffer serves all sockets; Windows hands the buffer out before. */
export function readBuffer(): Uint8Array {
  if (process.platform === 'win32') return new Uint8Array(64 * 1024);
  sharedReadBuffer ??= new Uint8Array(readBufferBytes);
  return sharedReadBuffer;
}
