/** Our server on a port of loopback, with the handlers that foreign clients call. */
import { ByteBudget } from '../../../src/wire/byte-budget.ts';
import type { Routes, ServerCall, StreamingHandler, UnaryHandler } from '../../../src/wire/contract.ts';
import { listen, type ListenOptions, type WireServer } from '../../../src/wire/server-socket.ts';

export interface EchoServer {
  readonly server: WireServer;
  readonly budget: ByteBudget;
  /** Calls of Linger that went away. */
  readonly cancelled: string[];
  /** Calls that Hold has kept. */
  readonly held: ServerCall[];
}

/** `/t.T/Echo`, `Fail`, `Hold`, `Metadata` unary; `Chat` both ways, `Linger` without an end, `Count` of what came, `Pour` n messages of n bytes. */
export async function startEchoServer(options: Partial<ListenOptions> = {}): Promise<EchoServer> {
  const budget = new ByteBudget(256 * 1024 * 1024);
  const cancelled: string[] = [];
  const held: ServerCall[] = [];
  const server = await listen({
    address: { host: '127.0.0.1', port: 0 },
    tls: null,
    routes: routesOf(cancelled, held),
    http: async (request) => ({
      status: 200,
      headers: [['content-type', 'text/plain']],
      body: Buffer.from(`${request.method} ${request.path} ${request.body.length}`),
    }),
    budget,
    ...options,
  });
  return { server, budget, cancelled, held };
}

function routesOf(cancelled: string[], held: ServerCall[]): Routes {
  return {
    unary: new Map<string, UnaryHandler>([
      ['/t.T/Echo', (call, request) => call.reply(request)],
      ['/t.T/Fail', (call) => call.end(5, 'etcdserver: söme text 50%', [['x-why', 'because']])],
      ['/t.T/Hold', (call) => void held.push(call)],
      ['/t.T/Metadata', answerMetadata],
    ]),
    streaming: new Map<string, StreamingHandler>([
      ['/t.T/Chat', chatting],
      ['/t.T/Linger', lingering(cancelled)],
      ['/t.T/Count', counting],
      ['/t.T/Pour', pouring],
    ]),
  };
}

function answerMetadata(call: ServerCall): void {
  call.sendHeaders([['x-early', 'yes']]);
  call.send(Buffer.from(JSON.stringify(call.metadata)));
  call.end(0, '', [['x-late-bin', Buffer.from([0, 255]).toString('base64')]]);
}

function chatting(call: ServerCall) {
  return {
    onMessage: (payload: Uint8Array) => void call.send(payload),
    onHalfClose: () => call.end(0, ''),
    onCancel: () => {},
  };
}

/** Echoes, and stays when the client has no more to say: many clients end before they reset. */
const lingering = (cancelled: string[]) => (call: ServerCall) => ({
  onMessage: (payload: Uint8Array) => void call.send(payload),
  onHalfClose: () => {},
  onCancel: () => void cancelled.push(call.method),
});

function counting(call: ServerCall) {
  let bytes = 0;
  return {
    onMessage: (payload: Uint8Array) => void (bytes += payload.length),
    onHalfClose: () => call.reply(Buffer.from(String(bytes))),
    onCancel: () => {},
  };
}

/** Waits for room between messages, as a handler should. */
function pouring(call: ServerCall) {
  let left = 0;
  let size = 0;
  const pour = (): void => {
    while (left > 0) if (left-- && !call.send(new Uint8Array(size))) return;
    if (size > 0) call.end(0, '');
    size = 0;
  };
  return {
    onMessage: (payload: Uint8Array) => {
      [left, size] = Buffer.from(payload).toString().split('x').map(Number) as [number, number];
    },
    onHalfClose: pour,
    onDrain: pour,
    onCancel: () => (left = 0),
  };
}
