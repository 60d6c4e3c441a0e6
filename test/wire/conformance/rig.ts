/** One side of the engine, alone with a test that plays its peer: bytes in, lines of what it answered out. */
import type { ByteBudget } from '../../../src/wire/byte-budget.ts';
import type {
  ClientStream,
  Connection,
  Metadata,
  Routes,
  ServerCall,
  UnaryHandler,
} from '../../../src/wire/contract.ts';
import { Http2ClientConnection } from '../../../src/wire/client-connection.ts';
import type { WireLimits } from '../../../src/wire/limits.ts';
import { Http2ServerConnection } from '../../../src/wire/server-connection.ts';
import { codeName } from '../../../src/wire/status.ts';
import { concat, FrameReader, FrameType, ping, preface, type Seen, settings, settingsAck } from '../frames.ts';
import { lineOf } from './transcript.ts';

export interface RigOptions {
  readonly limits?: Partial<WireLimits>;
  /** SETTINGS that the peer starts with. */
  readonly settings?: readonly (readonly [id: number, value: number])[];
  /** False: nothing has been said by the peer yet. */
  readonly handshake?: boolean;
  /** Server: a plain HTTP handler that answers 200 with the path; default none. */
  readonly http?: boolean;
  readonly budget?: ByteBudget;
  readonly keepAliveMinMs?: number;
  readonly keepAliveMs?: number;
  /** How the bytes arrive. */
  readonly pieces?: 'whole' | 'octets';
}

/** What both sides have in common. Time stands still unless `tick` moves it. */
export abstract class Rig {
  abstract readonly connection: Connection;
  nowMs = 1_000;
  readonly lines: string[] = [];
  readonly frames: Seen[] = [];
  readonly #reader: FrameReader;
  readonly #octets: boolean;

  protected constructor(prefaced: boolean, options: RigOptions) {
    this.#reader = new FrameReader(prefaced);
    this.#octets = options.pieces === 'octets';
  }

  /** Feeds bytes and notes the answers. */
  send(...parts: readonly Uint8Array[]): void {
    const bytes = concat(...parts);
    const step = this.#octets ? 1 : Math.max(bytes.length, 1);
    for (let at = 0; at < bytes.length; at += step) {
      // A copy that is overwritten afterwards: nothing of a chunk may be kept.
      const chunk = bytes.slice(at, at + step);
      this.connection.receive(chunk, this.nowMs);
      chunk.fill(0xa5);
    }
    this.collect();
  }

  /** Time passes, in steps that a pump would take. */
  wait(ms: number): void {
    for (let left = ms; left > 0; left -= 100) {
      this.nowMs += Math.min(left, 100);
      this.connection.tick(this.nowMs);
      this.collect();
    }
  }

  collect(): void {
    for (let output = this.connection.takeOutput(); output !== null; output = this.connection.takeOutput()) {
      for (const seen of this.#reader.push(output)) {
        this.frames.push(seen);
        // Windows are refilled whenever the engine likes; rows that are about them look at the frames.
        if (seen.type !== FrameType.WINDOW_UPDATE) this.lines.push(lineOf(seen));
      }
      this.connection.outputDrained();
    }
  }

  /** Forgets what was said so far. */
  reset(): void {
    this.lines.length = 0;
    this.frames.length = 0;
  }

  /** Whether the connection still answers. */
  get alive(): boolean {
    const before = this.lines.length;
    this.send(ping('aliveyet'));
    const answered = this.lines.includes('PING ACK aliveyet', before);
    this.lines.length = before;
    return answered;
  }

  /** Increments given for a stream, or for the connection (0). */
  windowUpdates(streamId: number): number[] {
    return this.frames
      .filter((seen) => seen.type === FrameType.WINDOW_UPDATE && seen.streamId === streamId)
      .map((seen) => Buffer.from(seen.payload).readUInt32BE());
  }
}

export class ServerRig extends Rig {
  readonly connection: Http2ServerConnection;
  /** Calls that Hold has left open, and what streaming handlers were told. */
  readonly held: ServerCall[] = [];
  readonly told: string[] = [];

  constructor(options: RigOptions = {}) {
    super(false, options);
    this.connection = new Http2ServerConnection({
      nowMs: this.nowMs,
      onOutput: () => {},
      routes: routesOf(this),
      peer: { address: '127.0.0.1:1', tlsSubject: null },
      http:
        options.http === true
          ? async (request) => ({ status: 200, headers: [], body: Buffer.from(request.path) })
          : null,
      ...(options.limits === undefined ? {} : { limits: options.limits }),
      ...(options.keepAliveMs === undefined ? {} : { keepAliveMs: options.keepAliveMs }),
      ...(options.budget === undefined ? {} : { budget: options.budget }),
      keepAliveMinMs: options.keepAliveMinMs ?? 0,
    });
    if (options.handshake !== false) this.send(preface, settings(options.settings), settingsAck);
    if (options.handshake !== false) this.reset();
  }
}

/** `/t.T/Echo` unary; `/t.T/Hold` never answers; `/t.T/Chat` echoes messages; `/t.T/Sum` answers at the end; `/t.T/Pour` sends 200 KB. */
function routesOf(rig: ServerRig): Routes {
  const hold = (call: ServerCall) => void rig.held.push(call);
  const chat = (call: ServerCall) => ({
    onMessage: (payload: Uint8Array) => void call.send(payload),
    onHalfClose: () => call.end(0, ''),
    onCancel: () => void rig.told.push(`cancelled ${call.method}`),
  });
  const sum = (call: ServerCall) => {
    let bytes = 0;
    return {
      onMessage: (payload: Uint8Array) => void (bytes += payload.length),
      onHalfClose: () => call.reply(Buffer.from(String(bytes))),
      onCancel: () => void rig.told.push(`cancelled ${call.method}`),
    };
  };
  return {
    unary: new Map<string, UnaryHandler>([
      ['/t.T/Echo', (call, request) => call.reply(request)],
      ['/t.T/Hold', hold],
      ['/t.T/Fail', (call) => call.end(9, 'caf\u00e9 50%')],
      ['/t.T/Pour', (call) => call.reply(new Uint8Array(200_000))],
      ['/t.T/Metadata', (call) => call.reply(Buffer.from(JSON.stringify(call.metadata)))],
    ]),
    streaming: new Map([
      ['/t.T/Chat', chat],
      ['/t.T/Sum', sum],
    ]),
  };
}

export class ClientRig extends Rig {
  readonly connection: Http2ClientConnection;
  #calls = 0;

  constructor(options: RigOptions = {}) {
    super(true, options);
    this.connection = new Http2ClientConnection({
      nowMs: this.nowMs,
      onOutput: () => {},
      authority: '127.0.0.1:2379',
      secure: false,
      ...(options.limits === undefined ? {} : { limits: options.limits }),
      ...(options.keepAliveMs === undefined ? {} : { keepAliveMs: options.keepAliveMs }),
    });
    if (options.handshake === false) return;
    this.send(settings(options.settings), settingsAck);
    this.reset();
  }

  /** Starts a unary call; its end becomes a line `call 1 OK 'abc'`. Returns the handle. */
  call(method = '/t.T/Echo', payload = 'abc', timeoutMs = 0, metadata: Metadata = []): number {
    const token = ++this.#calls;
    const sink = {
      onReply: (each: number, code: number, message: string, reply: Uint8Array) =>
        void this.lines.push(`call ${each} ${codeName(code)}${resultText(code, message, reply)}`),
    };
    const options = { timeoutMs, metadata };
    const handle = this.connection.unary(method, Buffer.from(payload), options, token, sink, this.nowMs);
    this.collect();
    return handle;
  }

  /** Opens a stream; what it is told becomes lines `stream message 'abc'`, `stream OK`. */
  stream(method = '/t.T/Chat', timeoutMs = 0): ClientStream {
    const handler = {
      onHeaders: () => void this.lines.push('stream headers'),
      onMessage: (payload: Uint8Array) => void this.lines.push(`stream message '${Buffer.from(payload).toString()}'`),
      onEnd: (code: number) => void this.lines.push(`stream ${codeName(code)}`),
      onDrain: () => void this.lines.push('stream drain'),
    };
    const stream = this.connection.openStream(method, { timeoutMs, metadata: [] }, handler, this.nowMs);
    this.collect();
    return stream;
  }
}

function resultText(code: number, message: string, reply: Uint8Array): string {
  if (code !== 0) return message === '' ? '' : ` (${message})`;
  const text = Buffer.from(reply).toString('latin1');
  return text.length > 40 ? ` ${text.length} bytes` : ` '${text}'`;
}
