/** A gRPC server that we did not write, for tests of our clients: echoes, fails, stalls and streams raw bytes. */
import {
  Metadata,
  Server,
  ServerCredentials,
  type sendUnaryData,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServiceDefinition,
  type UntypedHandleCall,
} from '@grpc/grpc-js';

export interface GrpcJsServer {
  readonly port: number;
  /** Addresses of the connections that have made a call. */
  readonly peers: ReadonlySet<string>;
  /** The metadata of the last call. */
  lastMetadata(): Metadata;
  stop(): void;
}

type Unary = ServerUnaryCall<Buffer, Buffer>;
type Duplex = ServerDuplexStream<Buffer, Buffer>;

const raw = (bytes: Buffer): Buffer => bytes;
const method = (name: string, streaming: boolean): ServiceDefinition[string] => ({
  path: `/test.Echo/${name}`,
  requestStream: streaming,
  responseStream: streaming,
  requestSerialize: raw,
  requestDeserialize: raw,
  responseSerialize: raw,
  responseDeserialize: raw,
});

/** Listens on `address` (`127.0.0.1:0`, `unix:/path`). */
export async function startGrpcJsServer(
  address = '127.0.0.1:0',
  credentials = ServerCredentials.createInsecure(),
): Promise<GrpcJsServer> {
  const server = new Server({ 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1 });
  const peers = new Set<string>();
  let last = new Metadata();
  const note = (call: Unary | Duplex): void => {
    peers.add(call.getPeer());
    last = call.metadata;
  };
  const handlers: Record<string, UntypedHandleCall> = {
    Unary(call: Unary, done: sendUnaryData<Buffer>) {
      note(call);
      const trailers = new Metadata();
      trailers.add('reply-bin', Buffer.from([0, 255]));
      done(null, call.request, trailers);
    },
    Fail(_call: Unary, done: sendUnaryData<Buffer>) {
      done({ code: 9, details: 'etcdserver: söme text %' });
    },
    Slow(call: Unary, done: sendUnaryData<Buffer>) {
      setTimeout(() => done(null, call.request), 10_000).unref();
    },
    Bidi(call: Duplex) {
      note(call);
      const headers = new Metadata();
      headers.add('hello', 'there');
      call.sendMetadata(headers);
      call.on('data', (bytes: Buffer) => call.write(bytes));
      call.on('end', () => call.end());
    },
    BidiFail(call: Duplex) {
      call.write(Buffer.from('one'));
      call.on('data', () => call.emit('error', { code: 5, details: 'gone' }));
    },
  };
  server.addService(
    {
      Unary: method('Unary', false),
      Fail: method('Fail', false),
      Slow: method('Slow', false),
      Bidi: method('Bidi', true),
      BidiFail: method('BidiFail', true),
    },
    handlers,
  );
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync(address, credentials, (error, bound) => (error === null ? resolve(bound) : reject(error))),
  );
  return { port, peers, lastMetadata: () => last, stop: () => server.forceShutdown() };
}
