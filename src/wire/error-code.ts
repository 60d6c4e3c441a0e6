/** HTTP/2 error codes (RFC 9113 7) and what they mean to a gRPC call (grpc/doc/PROTOCOL-HTTP2.md, "Errors"). */
import { Code } from './status.ts';

export const ErrorCode = {
  NoError: 0,
  ProtocolError: 1,
  InternalError: 2,
  FlowControlError: 3,
  SettingsTimeout: 4,
  StreamClosed: 5,
  FrameSizeError: 6,
  RefusedStream: 7,
  Cancel: 8,
  CompressionError: 9,
  ConnectError: 10,
  EnhanceYourCalm: 11,
  InadequateSecurity: 12,
  Http11Required: 13,
} as const;
export type ErrorCode = (typeof ErrorCode)[keyof typeof ErrorCode];

const names = [
  'NO_ERROR',
  'PROTOCOL_ERROR',
  'INTERNAL_ERROR',
  'FLOW_CONTROL_ERROR',
  'SETTINGS_TIMEOUT',
  'STREAM_CLOSED',
  'FRAME_SIZE_ERROR',
  'REFUSED_STREAM',
  'CANCEL',
  'COMPRESSION_ERROR',
  'CONNECT_ERROR',
  'ENHANCE_YOUR_CALM',
  'INADEQUATE_SECURITY',
  'HTTP_1_1_REQUIRED',
];

/** `REFUSED_STREAM` for 7, as the RFC spells it; `0x63` for a code it does not define. */
export function errorCodeName(code: number): string {
  return names[code] ?? `0x${code.toString(16)}`;
}

const statusByReset: ReadonlyMap<number, Code> = new Map<number, Code>([
  [ErrorCode.StreamClosed, Code.Unknown],
  [ErrorCode.RefusedStream, Code.Unavailable], // not processed: safe to send again
  [ErrorCode.Cancel, Code.Canceled],
  [ErrorCode.EnhanceYourCalm, Code.ResourceExhausted],
  [ErrorCode.InadequateSecurity, Code.PermissionDenied],
]);

/** How a call ends whose stream the peer reset with this code. */
export function statusOfReset(code: number): Code {
  return statusByReset.get(code) ?? Code.Internal;
}
