/** One row of the conformance tables, and the pieces of requests and responses that rows are made of. */
import type { Metadata } from '../../../src/wire/contract.ts';
import { concat, data, Flag, headers, message } from '../frames.ts';
import type { ClientRig, RigOptions, ServerRig } from './rig.ts';

interface Common {
  /** `9113 6.1`, `7541 4.2`, `gRPC Requests`: where it is written. */
  readonly section: string;
  /** What the peer does and what it means. */
  readonly says: string;
  readonly rig?: RigOptions;
  /** Lines that the engine must answer with, all of them, in order (see transcript.ts and rig.ts). */
  readonly expect: readonly string[];
  /** Whether the connection still answers a PING afterwards. Default: unless `expect` has a GOAWAY. */
  readonly alive?: boolean;
}

/** The engine is the server. `send` are the bytes of the client, after preface and SETTINGS. */
export interface ServerRow extends Common {
  readonly send: Uint8Array | ((rig: ServerRig) => void);
}

/** The engine is the client. `send` are the bytes of the server, after SETTINGS. */
export interface ClientRow extends Common {
  /** Unary calls that are open before, on streams 1, 3, 5 … Default 1. */
  readonly calls?: number;
  readonly send: Uint8Array | ((rig: ClientRig) => void);
}

/** The request headers of a gRPC call; `changes` replaces fields of the same name, or adds; null takes one out. */
export function requestHeaders(path = '/t.T/Echo', changes: Record<string, string | null> = {}): Metadata {
  return changed(
    [
      [':method', 'POST'],
      [':scheme', 'http'],
      [':path', path],
      [':authority', 'localhost'],
      ['content-type', 'application/grpc'],
      ['te', 'trailers'],
    ],
    changes,
  );
}

export function responseHeaders(changes: Record<string, string | null> = {}): Metadata {
  return changed(
    [
      [':status', '200'],
      ['content-type', 'application/grpc'],
    ],
    changes,
  );
}

function changed(list: Metadata, changes: Record<string, string | null>): Metadata {
  const kept = list.flatMap(([name, value]): [string, string][] => {
    const change = changes[name];
    return change === undefined ? [[name, value]] : change === null ? [] : [[name, change]];
  });
  const added = Object.entries(changes).filter(([name]) => !list.some((field) => field[0] === name));
  return [...kept, ...added.flatMap(([name, value]): [string, string][] => (value === null ? [] : [[name, value]]))];
}

/** HEADERS of a call whose DATA follows. */
export function open(streamId: number, path?: string, changes?: Record<string, string | null>): Uint8Array {
  return headers(streamId, requestHeaders(path, changes));
}

/** A whole unary request. */
export function unary(
  streamId: number,
  payload = 'abc',
  path?: string,
  changes?: Record<string, string | null>,
): Uint8Array {
  return concat(open(streamId, path, changes), data(streamId, message(payload), Flag.END_STREAM));
}

/** What Echo answers to it. */
export function served(streamId: number, payload = 'abc'): string[] {
  return [`HEADERS ${streamId} 200`, `DATA ${streamId} '${payload}'`, `TRAILERS ${streamId} grpc 0 END`];
}

export function trailers(streamId: number, status: string | null = '0', more: Metadata = []): Uint8Array {
  const list: Metadata = [...(status === null ? [] : [['grpc-status', status] as const]), ...more];
  return headers(streamId, list, Flag.END_HEADERS | Flag.END_STREAM);
}

/** A whole unary response. */
export function answer(streamId: number, payload = 'xyz'): Uint8Array {
  return concat(headers(streamId, responseHeaders()), data(streamId, message(payload)), trailers(streamId));
}
