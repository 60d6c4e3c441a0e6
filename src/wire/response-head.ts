/** A response's header block or trailers, read and checked (RFC 9113 8.3.2; grpc/doc/PROTOCOL-HTTP2.md, "Responses"). */
import type { Metadata } from './contract.ts';
import { fieldFault, isGrpcContentType, isReserved } from './header-rules.ts';
import type { HeaderBlock } from './hpack/decoder.ts';
import { percentDecode } from './percent.ts';
import { Code } from './status.ts';

export interface ResponseHead {
  /** Why the block is malformed; '' when it is not. */
  readonly fault: string;
  /** `:status`; 0 in trailers. */
  readonly status: number;
  readonly contentType: string;
  readonly grpc: boolean;
  /** `grpc-encoding`: '' without the field. */
  readonly encoding: string;
  /** `grpc-status`: -1 without the field, Unknown when it is no number. */
  readonly code: number;
  readonly message: string;
  /** Without what gRPC keeps to itself. */
  readonly metadata: Metadata;
}

export function responseHead(block: HeaderBlock): ResponseHead {
  const fields = new Map<string, string>();
  const metadata: (readonly [string, string])[] = [];
  let fault = '';
  for (const field of block.headers) {
    const [name, value] = field;
    if (name.startsWith(':')) fault ||= statusFault(name, value, fields);
    else {
      fault ||= fieldFault(name, value);
      if (!isReserved(name)) metadata.push(field);
    }
    if (!fields.has(name)) fields.set(name, value);
  }
  const contentType = fields.get('content-type') ?? '';
  return {
    fault,
    status: Number(fields.get(':status') ?? 0),
    contentType,
    grpc: isGrpcContentType(contentType),
    encoding: fields.get('grpc-encoding') ?? '',
    code: codeOf(fields.get('grpc-status')),
    message: percentDecode(fields.get('grpc-message') ?? ''),
    metadata,
  };
}

/** RFC 9113 8.3.2: `:status` alone, once, and ahead of all fields. */
function statusFault(name: string, value: string, fields: ReadonlyMap<string, string>): string {
  if (name !== ':status') return 'a pseudo-field that is not :status';
  if (fields.size > 0) return ':status comes twice or late';
  return /^\d{3}$/.test(value) ? '' : ':status is not three digits';
}

function codeOf(text: string | undefined): number {
  if (text === undefined) return -1;
  return /^\d{1,9}$/.test(text) ? Number(text) : Code.Unknown;
}
