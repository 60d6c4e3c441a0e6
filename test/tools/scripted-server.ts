/** A server for tests of the client: answers methods of etcd's table as a test says, and remembers what it was asked. */
import type { DeepPartial } from '../../src/api/message.ts';
import { methodByPath, type Method, type UnaryMethod } from '../../src/api/methods.ts';
import { ByteBudget } from '../../src/wire/byte-budget.ts';
import type { ServerCall, StreamingHandler, UnaryHandler } from '../../src/wire/contract.ts';
import { listen, type ListenOptions, type WireServer } from '../../src/wire/server-socket.ts';

export interface Answer {
  readonly code: number;
  readonly message: string;
}

export interface ScriptedServer {
  readonly port: number;
  readonly server: WireServer;
  /** `path token` of every call, in order; '-' without a token. */
  readonly calls: string[];
  /** How often a method was called. */
  count(method: Method<never, never> | { readonly path: string }): number;
  stop(): Promise<void>;
}

/** What a method answers: a message, a failure, or nothing (the call stays open). */
export type Script = Map<string, (call: ServerCall, request: unknown, nth: number) => Uint8Array | Answer | null>;

/** Adds a row to a script with the method's own types. */
export function answer<Request, Response>(
  script: Script,
  method: UnaryMethod<Request, Response>,
  reply: (request: Request, nth: number, call: ServerCall) => DeepPartial<Response> | Answer | null,
): void {
  script.set(method.path, (call, request, nth) => {
    const result = reply(request as Request, nth, call);
    if (result === null || isAnswer(result)) return result;
    return method.response.encode(result);
  });
}

export async function startScriptedServer(
  script: Script,
  streaming: ReadonlyMap<string, StreamingHandler> = new Map(),
  options: Partial<ListenOptions> = {},
): Promise<ScriptedServer> {
  const calls: string[] = [];
  const unary = new Map<string, UnaryHandler>();
  for (const [path, method] of methodByPath) {
    unary.set(path, (call, request) => {
      calls.push(`${path} ${tokenOf(call)}`);
      const nth = calls.filter((each) => each.startsWith(`${path} `)).length;
      const result = script.get(path)?.(call, method.request.decode(request), nth) ?? null;
      if (result === null) return;
      if (result instanceof Uint8Array) call.reply(result);
      else call.end(result.code, result.message);
    });
  }
  for (const path of streaming.keys()) unary.delete(path);
  const server = await listen({
    address: { host: '127.0.0.1', port: 0 },
    tls: null,
    routes: { unary, streaming },
    http: null,
    budget: new ByteBudget(64 * 1024 * 1024),
    ...options,
  });
  return {
    port: server.port,
    server,
    calls,
    count: ({ path }) => calls.filter((each) => each.startsWith(`${path} `)).length,
    stop: () => server.close(0),
  };
}

function isAnswer(value: unknown): value is Answer {
  return typeof value === 'object' && value !== null && 'code' in value && 'message' in value;
}

function tokenOf(call: ServerCall): string {
  return call.metadata.find(([name]) => name === 'token')?.[1] ?? '-';
}
