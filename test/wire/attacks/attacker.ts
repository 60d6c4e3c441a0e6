/** One hostile connection: writes what it is told as fast as the socket takes it, notes what the server says. */
import { connect, type Socket } from 'node:net';
import { concat, FrameReader, FrameType, preface, type Seen, settings, settingsAck } from '../frames.ts';

export class Attacker {
  readonly seen: Seen[] = [];
  readonly #socket: Socket;
  readonly #reader = new FrameReader(false);
  #closed = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => this.seen.push(...this.#reader.push(chunk)));
    socket.on('error', () => {}); // a reset is one way of being refused
    socket.on('close', () => (this.#closed = true));
  }

  /** Connected, without a word. */
  static connect(port: number): Promise<Attacker> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port }, () => resolve(new Attacker(socket)));
      socket.once('error', reject);
    });
  }

  /** Connected, with preface and SETTINGS exchanged in advance. */
  static async greet(port: number, pairs: Parameters<typeof settings>[0] = []): Promise<Attacker> {
    const attacker = await Attacker.connect(port);
    await attacker.write(concat(preface, settings(pairs), settingsAck));
    return attacker;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Stops taking what the server sends. */
  stopReading(): void {
    this.#socket.pause();
  }

  /** Resolves once the socket can take more, or is gone; false in that case. */
  write(bytes: Uint8Array): Promise<boolean> {
    if (this.#closed || this.#socket.destroyed || !this.#socket.writable) return Promise.resolve(false);
    return new Promise((resolve) => {
      const settle = (): void => {
        this.#socket.off('drain', settle);
        this.#socket.off('close', settle);
        resolve(!this.#socket.destroyed);
      };
      if (this.#socket.write(bytes)) return void setImmediate(() => resolve(true));
      this.#socket.once('drain', settle);
      this.#socket.once('close', settle);
    });
  }

  /** Writes chunk after chunk until there are no more, the server says goodbye, or the socket is gone. */
  async flood(chunks: Iterable<Uint8Array>): Promise<void> {
    for (const chunk of chunks) if (this.goodbye !== null || !(await this.write(chunk))) return;
  }

  /** The error of the server's GOAWAY, or null; a graceful one is not the end. */
  get goodbye(): string | null {
    return this.seen.find((frame) => frame.type === FrameType.GOAWAY && frame.code !== 'NO_ERROR')?.code ?? null;
  }

  /** Waits until the server has closed the connection. */
  async ended(): Promise<void> {
    this.#socket.resume();
    if (!this.#closed) await new Promise<void>((resolve) => void this.#socket.once('close', () => resolve()));
  }

  destroy(): void {
    this.#socket.destroy();
  }
}
