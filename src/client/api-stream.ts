/**
 * A streaming call as control code likes it: `for await` over the responses, `await send` for requests. A reader that is
 * slow stops the sender through flow control, so no more than a handful of messages wait here.
 */
import type { DeepPartial } from '../api/message.ts';
import type { Method } from '../api/methods.ts';
import type { CallOptions, ClientStream, StreamHandler } from '../wire/contract.ts';
import { Code, StatusError } from '../wire/status.ts';
import type { Channel } from './channel.ts';
import { unreadable } from './unary-bytes.ts';

/** Messages that wait for the reader before the stream is paused. */
const waitingMax = 16;

interface Reader<Response> {
  readonly resolve: (result: IteratorResult<Response, undefined>) => void;
  readonly reject: (error: Error) => void;
}

/** One reader at a time. Leaving a `for await` early cancels the call. */
export class ApiStream<Request, Response> implements AsyncIterableIterator<Response, undefined>, StreamHandler {
  readonly #method: Method<Request, Response>;
  readonly #stream: ClientStream;
  readonly #signal: AbortSignal;
  readonly #onFailure: (error: StatusError) => void;
  readonly #waiting: Response[] = [];
  #paused = false;
  #reader: Reader<Response> | null = null;
  #wakeSender: (() => void) | null = null;
  #ended = false;
  /** How it ended, when not well; told to the reader after the last message. */
  #failure: Error | null = null;
  readonly #onAbort = (): void => this.cancel();

  constructor(
    channel: Channel,
    method: Method<Request, Response>,
    options: CallOptions,
    signal: AbortSignal,
    onFailure: (error: StatusError) => void,
  ) {
    this.#method = method;
    this.#signal = signal;
    this.#onFailure = onFailure;
    this.#stream = channel.openStream(method.path, options, this);
    signal.addEventListener('abort', this.#onAbort);
    if (signal.aborted) this.cancel();
  }

  /** Resolves when there is room for more; the message is on its way, or the stream is over and `next` tells why. */
  async send(request: DeepPartial<Request>): Promise<void> {
    if (this.#ended || this.#stream.send(this.#method.request.encode(request))) return;
    await new Promise<void>((resolve) => (this.#wakeSender = resolve));
  }

  /** No more requests from us. */
  end(): void {
    this.#stream.end();
  }

  /** Ends the call; the reader gets what has come and then Canceled. */
  cancel(): void {
    this.#stream.cancel();
  }

  next(): Promise<IteratorResult<Response, undefined>> {
    const message = this.#waiting.shift();
    if (message !== undefined) {
      this.#resumeWhenRead();
      return Promise.resolve({ done: false, value: message });
    }
    if (this.#failure !== null) return Promise.reject(this.#failure);
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => (this.#reader = { resolve, reject }));
  }

  return(): Promise<IteratorResult<Response, undefined>> {
    this.#failure = null;
    this.#waiting.length = 0;
    if (!this.#ended) this.cancel();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  onMessage(payload: Uint8Array): void {
    let message: Response;
    try {
      message = this.#method.response.decode(payload);
    } catch (thrown) {
      this.#failure ??= unreadable(thrown);
      return this.cancel();
    }
    if (this.#reader !== null) {
      const reader = this.#reader;
      this.#reader = null;
      return reader.resolve({ done: false, value: message });
    }
    this.#waiting.push(message);
    if (this.#waiting.length < waitingMax || this.#paused) return;
    this.#paused = true;
    this.#stream.pause();
  }

  onDrain(): void {
    this.#wakeSender?.();
    this.#wakeSender = null;
  }

  onEnd(code: number, message: string): void {
    this.#ended = true;
    this.#signal.removeEventListener('abort', this.#onAbort);
    this.onDrain();
    if (code !== Code.OK) {
      const error = new StatusError(code as Code, message);
      this.#failure ??= error;
      this.#onFailure(error);
    }
    if (this.#failure !== null) this.#reader?.reject(this.#failure);
    else this.#reader?.resolve({ done: true, value: undefined });
    this.#reader = null;
  }

  #resumeWhenRead(): void {
    if (!this.#paused || this.#waiting.length > 0) return;
    this.#paused = false;
    this.#stream.resume();
  }
}
