/**
 * An address that is taken before anybody can be served there: who connects meanwhile waits, unread, and loses nothing.
 *
 *   bind -> who connects waits -> serve: they first, then all who come
 */
import { createServer, type Server, type Socket } from 'node:net';

export type Address = { readonly host: string; readonly port: number } | { readonly path: string };

/** More are closed. A server that serves has the same bound. */
const waitingMax = 20_000;
/** As Go's listener; paused, because what node reads before somebody listens would be in its buffers, and not in ours. */
const options = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 15_000, pauseOnConnect: true };

export class BoundSocket {
  /** 0 for a unix socket. */
  port = 0;
  readonly server: Server = createServer(options, (socket) => this.#onSocket(socket));
  readonly #waiting = new Set<Socket>();
  #serve: ((socket: Socket) => void) | null = null;

  /** Resolves when the address is ours; rejects with node's error (EADDRINUSE …). */
  static async bind(address: Address): Promise<BoundSocket> {
    const bound = new BoundSocket();
    const { server } = bound;
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(address, resolve));
    server.on('error', ignored); // EMFILE while accepting
    const own = server.address();
    if (typeof own === 'object' && own !== null) bound.port = own.port;
    return bound;
  }

  /** Hands over who waits, and from now on everybody. */
  serve(onSocket: (socket: Socket) => void): void {
    this.#serve = onSocket;
    for (const socket of this.#waiting) this.#onSocket(socket);
    this.#waiting.clear();
  }

  /** Gives the address back and closes who waits; for those that were handed over it waits. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    for (const socket of this.#waiting) socket.destroy();
    await closed;
  }

  #onSocket(socket: Socket): void {
    if (this.#serve !== null) {
      this.#serve(socket);
      socket.resume();
    } else if (this.#waiting.size < waitingMax) this.#waiting.add(socket);
    else socket.destroy();
  }
}

function ignored(): void {}
