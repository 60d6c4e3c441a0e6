/** A streaming call over grpc-js, behind the seam's `ClientStream`. Every call is opened as a bidirectional one. */
import type { ClientDuplexStream, StatusObject } from '@grpc/grpc-js';
import type { ClientStream, StreamHandler } from '../wire/contract.ts';
import { fromGrpcJs } from './grpc-js-metadata.ts';

type Duplex = ClientDuplexStream<Uint8Array, Buffer>;

/** Translates events into the handler's callbacks; `onOver` runs just before `onEnd`. */
export class GrpcJsStream implements ClientStream {
  readonly #stream: Duplex;
  readonly #handler: StreamHandler;
  readonly #onOver: (stream: GrpcJsStream) => void;
  #status: StatusObject | null = null;
  #readAll = false;
  #over = false;

  constructor(stream: Duplex, handler: StreamHandler, onOver: (stream: GrpcJsStream) => void) {
    this.#stream = stream;
    this.#handler = handler;
    this.#onOver = onOver;
    stream.on('metadata', (metadata) => handler.onHeaders?.(fromGrpcJs(metadata)));
    stream.on('data', (payload: Buffer) => handler.onMessage(payload));
    stream.on('drain', () => handler.onDrain?.());
    stream.on('error', () => {}); // the same news as 'status'
    stream.on('end', () => {
      this.#readAll = true;
      this.#endOnce();
    });
    stream.on('status', (status) => {
      this.#status = status;
      this.#endOnce();
    });
  }

  send(payload: Uint8Array): boolean {
    if (this.#over || this.#stream.writableEnded) return false;
    return this.#stream.write(Buffer.from(payload)); // Buffer.from(bytes) copies
  }

  end(): void {
    this.#stream.end();
  }

  cancel(): void {
    this.#readAll = true; // a paused reader would never see the end
    this.#stream.cancel();
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  /** The status may arrive while messages still wait to be read, so the end needs both. */
  #endOnce(): void {
    const status = this.#status;
    if (this.#over || status === null || !this.#readAll) return;
    this.#over = true;
    this.#onOver(this);
    const code: number = status.code;
    this.#handler.onEnd(code, code === 0 ? '' : status.details, fromGrpcJs(status.metadata));
  }
}
