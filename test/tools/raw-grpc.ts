/** Calls with bytes in and bytes out, through grpc-js: an independent transport for tests of codecs. */
import { credentials, makeGenericClientConstructor, type ServiceError } from '@grpc/grpc-js';

const Client = makeGenericClientConstructor({}, 'raw');
const asIs = (bytes: Buffer): Buffer => bytes;

export class RawGrpc {
  readonly #client: InstanceType<typeof Client>;

  /** `address` is host:port, without TLS. */
  constructor(address: string) {
    this.#client = new Client(address, credentials.createInsecure());
  }

  /** Rejects with grpc-js' ServiceError, whose `code` and `details` are the status. */
  unary(path: string, request: Uint8Array): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        path,
        asIs,
        asIs,
        Buffer.from(request),
        (error: ServiceError | null, reply?: Buffer) => {
          if (error !== null) reject(error);
          else resolve(reply!);
        },
      );
    });
  }

  /** The first `count` messages that come back; the call is cancelled then. */
  async stream(path: string, request: Uint8Array, count = 1): Promise<Buffer[]> {
    const call = this.#client.makeBidiStreamRequest(path, asIs, asIs);
    const replies: Buffer[] = [];
    call.on('error', () => {});
    call.write(Buffer.from(request));
    for await (const reply of call as AsyncIterable<Buffer>) if (replies.push(reply) === count) break;
    call.cancel();
    return replies;
  }

  close(): void {
    this.#client.close();
  }
}
