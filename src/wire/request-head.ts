/** A request's header block, read and checked (RFC 9113 8.3.1; grpc/doc/PROTOCOL-HTTP2.md, "Request-Headers"). */
import type { Metadata } from './contract.ts';
import { parseTimeout } from './grpc-timeout.ts';
import { fieldFault, isGrpcContentType, isReserved } from './header-rules.ts';
import type { HeaderBlock } from './hpack/decoder.ts';

export interface RequestHead {
  /** Why the request is malformed; '' when it is not. */
  readonly fault: string;
  readonly method: string;
  readonly path: string;
  readonly authority: string;
  readonly contentType: string;
  readonly grpc: boolean;
  /** Infinity without the field, NaN when it is malformed. */
  readonly timeoutMs: number;
  /** `grpc-encoding`: '' without the field. */
  readonly encoding: string;
  /** -1 without the field. */
  readonly contentLength: number;
  /** All fields but the pseudo-fields. */
  readonly headers: Metadata;
  /** Without what gRPC keeps to itself. */
  readonly metadata: Metadata;
}

const pseudoNames: ReadonlySet<string> = new Set([':method', ':scheme', ':path', ':authority']);

export function requestHead(block: HeaderBlock): RequestHead {
  const fields = new Map<string, string>();
  const headers: (readonly [string, string])[] = [];
  let fault = '';
  for (const field of block.headers) {
    const [name, value] = field;
    if (name.startsWith(':')) fault ||= pseudoFault(name, fields, headers.length > 0);
    else {
      fault ||= fieldFault(name, value);
      headers.push(field);
    }
    if (!fields.has(name)) fields.set(name, value);
  }
  fault ||= requestFault(fields);
  const contentType = fields.get('content-type') ?? '';
  const timeout = fields.get('grpc-timeout');
  return {
    fault,
    method: fields.get(':method') ?? '',
    path: fields.get(':path') ?? '',
    authority: fields.get(':authority') ?? fields.get('host') ?? '',
    contentType,
    grpc: isGrpcContentType(contentType),
    timeoutMs: timeout === undefined ? Infinity : parseTimeout(timeout),
    encoding: fields.get('grpc-encoding') ?? '',
    contentLength: contentLengthOf(fields),
    headers,
    metadata: headers.filter(([name]) => !isReserved(name)),
  };
}

/** Why a block is not the trailers of a request or response; '' when it is. */
export function trailersFault(block: HeaderBlock): string {
  for (const [name, value] of block.headers) {
    const fault = name.startsWith(':') ? 'a pseudo-field in trailers' : fieldFault(name, value); // RFC 9113 8.1
    if (fault !== '') return fault;
  }
  return '';
}

function pseudoFault(name: string, fields: ReadonlyMap<string, string>, afterFields: boolean): string {
  if (!pseudoNames.has(name)) return 'an unknown pseudo-field';
  if (fields.has(name)) return 'a pseudo-field comes twice';
  return afterFields ? 'a pseudo-field after a field' : '';
}

/** RFC 9113 8.3.1: exactly one method, scheme and path; a path is absolute, or `*` for OPTIONS. */
function requestFault(fields: ReadonlyMap<string, string>): string {
  const method = fields.get(':method') ?? '';
  const path = fields.get(':path') ?? '';
  if (method === '' || (fields.get(':scheme') ?? '') === '' || path === '') return 'a pseudo-field is missing';
  if (!path.startsWith('/') && !(path === '*' && method === 'OPTIONS')) return ':path is not absolute';
  return Number.isNaN(contentLengthOf(fields)) ? 'content-length is not a number' : '';
}

function contentLengthOf(fields: ReadonlyMap<string, string>): number {
  const text = fields.get('content-length');
  if (text === undefined) return -1;
  return /^\d{1,15}$/.test(text) ? Number(text) : NaN;
}
