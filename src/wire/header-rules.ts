/** What makes a field malformed in HTTP/2, on either side (RFC 9113 8.2). */

/** Fields of HTTP/1.1 that speak of the connection (RFC 9113 8.2.2). */
const connectionSpecific: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);

/** A token without capitals, as all names are on this wire (RFC 9113 8.2.1). */
const nameForm = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;
/** No NUL, CR, LF anywhere; no blank at either end (RFC 9113 8.2.1). */
const badValue = /[\0\r\n]|^[ \t]|[ \t]$/;

/** Why a field that is no pseudo-field is malformed; '' when it is not. */
export function fieldFault(name: string, value: string): string {
  if (!nameForm.test(name)) return 'a field name is not a lower-case token';
  if (badValue.test(value)) return 'a field value has an illegal octet';
  if (connectionSpecific.has(name)) return 'a connection-specific field';
  if (name === 'te' && value !== 'trailers') return 'te is not "trailers"';
  return '';
}

/** Fields that gRPC keeps to itself; the rest is the caller's metadata. */
export function isReserved(name: string): boolean {
  return reserved.has(name);
}

const reserved: ReadonlySet<string> = new Set([
  'content-type',
  'te',
  'grpc-timeout',
  'grpc-encoding',
  'grpc-accept-encoding',
  'grpc-message-type',
  'grpc-status',
  'grpc-message',
]);

/** `application/grpc`, with or without a suffix or parameters (grpc/doc/PROTOCOL-HTTP2.md, "Content-Type"). */
export function isGrpcContentType(contentType: string): boolean {
  return /^application\/grpc(?:[+;]|$)/.test(contentType);
}
