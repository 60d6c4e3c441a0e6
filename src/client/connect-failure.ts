/**
 * Why a connection could not be made, in one sentence that names the endpoint and the cause, and what to do about it.
 * Node and OpenSSL say it in error codes; both transports translate them here, so that they say the same.
 */
import { ExitCode, Failure, messageOf, systemCodeOf } from '../base/failure.ts';
import { Code, StatusError } from '../wire/status.ts';
import type { Endpoint } from './endpoint.ts';

/**
 * `certificate`: we refuse the server's; `clientCertificate`: the server refuses ours; `credentials`: our own files;
 * `ownLimit`: no server has a part in it.
 */
export type ConnectFailureKind =
  | 'refused'
  | 'timeout'
  | 'unreachable'
  | 'unknownHost'
  | 'certificate'
  | 'clientCertificate'
  | 'credentials'
  | 'ownLimit'
  | 'protocol'
  | 'closed'
  | 'other';

/** Always Unavailable: the server has not seen the call. */
export class ConnectFailure extends StatusError {
  readonly kind: ConnectFailureKind;
  readonly endpoint: Endpoint;
  /** The message without the endpoint. */
  readonly why: string;
  /** What to do about it, as one sentence without a full stop; null when there is no good advice. */
  readonly remedy: string | null;

  constructor(endpoint: Endpoint, kind: ConnectFailureKind, why: string, remedy: string | null = null) {
    super(Code.Unavailable, `${endpoint.url}: ${why}`);
    this.kind = kind;
    this.why = why;
    this.endpoint = endpoint;
    this.remedy = remedy;
  }
}

/** As the one line for the user. */
export function failureOfConnect(thrown: ConnectFailure): Failure {
  const own = thrown.kind === 'ownLimit';
  const details = { exitCode: own ? ExitCode.usage : ExitCode.unreachable, cause: thrown };
  return new Failure(
    own ? 'OWN_LIMIT' : 'UNREACHABLE',
    `cannot reach ${thrown.message}`,
    thrown.remedy === null ? details : { ...details, remedy: thrown.remedy },
  );
}

type Explanation = readonly [kind: ConnectFailureKind, why: string, remedy?: string];

const trustRemedy = 'give the CA that signed the server’s certificate with --cacert';
const ownCertificateRemedy = 'give a client certificate that the server’s CA has signed with --cert and --key';
const tlsRemedy = 'check whether the port wants TLS (https://)';
const schemeRemedy = 'write http:// instead of https://, or ask for the TLS port';

/** Sentences follow Go's x509 package where it has one: operators search for those. */
const explanations: Readonly<Record<string, Explanation>> = {
  ECONNREFUSED: ['refused', 'connection refused', 'check that the server runs and listens there'],
  ECONNRESET: ['closed', 'connection reset by the server'],
  EPIPE: ['closed', 'connection closed by the server'],
  ETIMEDOUT: ['timeout', 'connection timed out', 'check the address and the firewall'],
  EHOSTUNREACH: ['unreachable', 'no route to host'],
  ENETUNREACH: ['unreachable', 'network is unreachable'],
  EADDRNOTAVAIL: ['unreachable', 'no local address or port is left for the connection'],
  EMFILE: ['ownLimit', 'too many open files here', 'raise the limit with ulimit -n, or lower --connections'],
  ENOTFOUND: ['unknownHost', 'no such host', 'check the name'],
  EAI_AGAIN: ['unknownHost', 'the name server does not answer'],
  ENOENT: ['refused', 'no such socket file'],
  EACCES: ['refused', 'permission denied'],
  DEPTH_ZERO_SELF_SIGNED_CERT: [
    'certificate',
    'x509: certificate signed by unknown authority (self-signed)',
    trustRemedy,
  ],
  SELF_SIGNED_CERT_IN_CHAIN: ['certificate', 'x509: certificate signed by unknown authority (private CA)', trustRemedy],
  UNABLE_TO_GET_ISSUER_CERT: ['certificate', 'x509: certificate signed by unknown authority', trustRemedy],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ['certificate', 'x509: certificate signed by unknown authority', trustRemedy],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ['certificate', 'x509: certificate signed by unknown authority', trustRemedy],
  CERT_UNTRUSTED: ['certificate', 'x509: certificate signed by unknown authority', trustRemedy],
  CERT_SIGNATURE_FAILURE: ['certificate', 'x509: the certificate’s signature does not match its CA’s key', trustRemedy],
  CERT_HAS_EXPIRED: ['certificate', 'x509: certificate has expired', 'renew the server’s certificate'],
  CERT_NOT_YET_VALID: ['certificate', 'x509: certificate is not yet valid', 'compare the clocks of both machines'],
  CERT_REVOKED: ['certificate', 'x509: certificate was revoked'],
  INVALID_PURPOSE: ['certificate', 'x509: certificate is not meant for servers (extended key usage)'],
  INVALID_CA: ['certificate', 'x509: certificate was signed by one that is not a CA'],
  WIRE_PEER_TLS: ['protocol', 'the server speaks TLS on this port', 'write https:// instead of http://'],
  WIRE_PEER_HTTP1: ['protocol', 'the server answers HTTP/1.1, not HTTP/2', 'ask for the port that serves gRPC'],
  WIRE_PEER_OTHER: ['protocol', 'the server does not speak HTTP/2 on this port', 'ask for the port that serves gRPC'],
  WIRE_NO_H2: ['protocol', 'the server does not offer HTTP/2 (ALPN h2)'],
  WIRE_CLOSED: ['closed', 'the server closed the connection before it said that it speaks HTTP/2', tlsRemedy],
  WIRE_CLOSED_IN_TLS: [
    'protocol',
    'the server hung up in the TLS handshake, as it does when it speaks no TLS',
    schemeRemedy,
  ],
  WIRE_CLOSED_AFTER_TLS: [
    'clientCertificate',
    'the server closed the connection after the TLS handshake, as it does when it refuses our client certificate or the lack of one',
    ownCertificateRemedy,
  ],
  ERR_SSL_WRONG_VERSION_NUMBER: ['protocol', 'the server does not speak TLS on this port', schemeRemedy],
  ERR_SSL_PACKET_LENGTH_TOO_LONG: ['protocol', 'the server does not speak TLS on this port', schemeRemedy],
  ERR_SSL_HTTP_REQUEST: ['protocol', 'the server does not speak TLS on this port', schemeRemedy],
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: ['protocol', 'the server offers no TLS version of 1.2 or newer'],
  ERR_SSL_UNSUPPORTED_PROTOCOL: ['protocol', 'the server offers no TLS version of 1.2 or newer'],
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: [
    'protocol',
    'the server shares no cipher suite with us, or wants a certificate',
    ownCertificateRemedy,
  ],
  ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL: ['protocol', 'the server does not offer HTTP/2 (ALPN h2)'],
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: [
    'clientCertificate',
    'tls: the server requires a client certificate',
    ownCertificateRemedy,
  ],
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: [
    'clientCertificate',
    'tls: the server refuses our client certificate, or the lack of one',
    ownCertificateRemedy,
  ],
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: [
    'clientCertificate',
    'tls: the server says that our client certificate has expired',
    ownCertificateRemedy,
  ],
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED: [
    'clientCertificate',
    'tls: the server says that our client certificate was revoked',
    ownCertificateRemedy,
  ],
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: [
    'clientCertificate',
    'tls: the server refuses our client certificate',
    ownCertificateRemedy,
  ],
  ERR_SSL_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE: [
    'clientCertificate',
    'tls: the server cannot use our client certificate',
    ownCertificateRemedy,
  ],
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: [
    'clientCertificate',
    'tls: the server does not know the CA of our client certificate',
    ownCertificateRemedy,
  ],
  ERR_SSL_TLSV1_ALERT_ACCESS_DENIED: [
    'clientCertificate',
    'tls: the server denies access to our client certificate',
    ownCertificateRemedy,
  ],
};

/** The failure behind anything that a socket, a TLS handshake or grpc-js has thrown. */
export function connectFailureOf(endpoint: Endpoint, thrown: unknown): ConnectFailure {
  if (thrown instanceof ConnectFailure) return thrown;
  const code = knownCodeOf(endpoint, thrown);
  if (code === 'WIRE_REFUSED') return new ConnectFailure(endpoint, 'closed', messageOf(thrown));
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return nameMismatch(endpoint, thrown);
  const explanation = code === null ? undefined : explanations[code];
  if (explanation === undefined) return new ConnectFailure(endpoint, 'other', oneLine(messageOf(thrown)));
  return new ConnectFailure(endpoint, explanation[0], explanation[1], explanation[2] ?? null);
}

/** `ms` covers TCP, TLS and the first SETTINGS frame; `reached` says how far it came. */
export function connectTimeout(endpoint: Endpoint, ms: number, reached: string): ConnectFailure {
  return new ConnectFailure(endpoint, 'timeout', `no connection within ${ms} ms (${reached})`);
}

/** Our own PEM texts are unusable: nothing was sent yet. */
export function badCredentials(endpoint: Endpoint, thrown: unknown): ConnectFailure {
  const text = oneLine(messageOf(thrown)).replace(/^error:[0-9A-F]+:/, '');
  return new ConnectFailure(endpoint, 'credentials', `the certificate, key or CA cannot be used: ${text}`);
}

/** OpenSSL alerts reach us as EPROTO or bare errors whose text names the reason; several addresses fail as an aggregate. */
function knownCodeOf(endpoint: Endpoint, thrown: unknown): string | null {
  const first: unknown = thrown instanceof AggregateError ? thrown.errors[0] : thrown;
  const code = systemCodeOf(first) ?? systemCodeOf(thrown);
  if (code !== null && code !== 'EPROTO') return code;
  const text = messageOf(first);
  if (text.startsWith('Name resolution failed')) return 'ENOTFOUND'; // this is all that grpc-js says
  if (text === 'Protocol error') return 'WIRE_PEER_OTHER';
  if (text === 'Failed to connect') return endpoint.secure ? 'WIRE_CLOSED_AFTER_TLS' : 'WIRE_CLOSED';
  const reason = /SSL routines:[^:]*:([a-z0-9 ]+)/i.exec(text)?.[1];
  if (reason !== undefined) return `ERR_SSL_${reason.trim().toUpperCase().replaceAll(' ', '_')}`;
  return /\b(E[A-Z]{4,})\b/.exec(text)?.[1] ?? code;
}

function nameMismatch(endpoint: Endpoint, thrown: unknown): ConnectFailure {
  const { host, cert } = thrown as { host?: string; cert?: { subjectaltname?: string; subject?: { CN?: string } } };
  const names = (cert?.subjectaltname ?? cert?.subject?.CN ?? 'no name').replace(/(DNS|IP Address):/g, '');
  const why = `x509: certificate is valid for ${names}, not ${host ?? endpoint.host}`;
  return new ConnectFailure(endpoint, 'certificate', why, 'use a name of the certificate, or renew it with this one');
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
