/** Frames in one line each, as the tables of this folder spell them. */
import { Flag, FrameType, type Seen, word } from '../frames.ts';

/**
 * `HEADERS 1 200`, `HEADERS 1 200 grpc 12 END` (trailers-only), `TRAILERS 1 grpc 0 END`, `DATA 1 'abc'`, `RST_STREAM 1 CANCEL`,
 * `GOAWAY PROTOCOL_ERROR`, `SETTINGS ACK`, `PING ACK abcdefgh`, `WINDOW_UPDATE 0 +5`.
 */
export function lineOf(seen: Seen): string {
  switch (seen.type) {
    case FrameType.HEADERS:
    case FrameType.CONTINUATION:
      return headersLine(seen);
    case FrameType.DATA:
      return `DATA ${seen.streamId} ${payloadText(seen.payload)}${ending(seen)}`;
    case FrameType.RST_STREAM:
      return `RST_STREAM ${seen.streamId} ${seen.code}`;
    case FrameType.GOAWAY:
      return `GOAWAY ${seen.code}`;
    case FrameType.SETTINGS:
    case FrameType.PING:
      return acknowledged(seen);
    case FrameType.WINDOW_UPDATE:
      return `WINDOW_UPDATE ${seen.streamId} +${word(seen.payload, 0)}`;
    default:
      return `${seen.name} ${seen.streamId}`;
  }
}

function headersLine(seen: Seen): string {
  if (seen.headers === undefined) return `${seen.name} ${seen.streamId} …`;
  const status = valueOf(seen, ':status');
  const grpc = valueOf(seen, 'grpc-status');
  const method = valueOf(seen, ':path');
  const word = status === null && method === null ? 'TRAILERS' : 'HEADERS';
  const parts = [word, String(seen.streamId), status, method, grpc === null ? null : `grpc ${grpc}`];
  return parts.filter((part) => part !== null).join(' ') + ending(seen);
}

function acknowledged(seen: Seen): string {
  const text = Buffer.from(seen.payload).toString('latin1');
  if (seen.type === FrameType.SETTINGS) return (seen.flags & Flag.ACK) !== 0 ? 'SETTINGS ACK' : 'SETTINGS';
  return (seen.flags & Flag.ACK) !== 0 ? `PING ACK ${text}` : 'PING';
}

/** Text when it is text, so that echoes can be read; its length otherwise. */
function payloadText(payload: Uint8Array): string {
  const text = Buffer.from(payload).toString('latin1');
  const body = /^\0\0\0/.test(text) ? text.slice(5) : text;
  return /^[ -~]{0,40}$/.test(body) ? `'${body}'` : `${payload.length} bytes`;
}

function ending(seen: Seen): string {
  return (seen.flags & Flag.END_STREAM) !== 0 ? ' END' : '';
}

export function valueOf(seen: Seen, name: string): string | null {
  return seen.headers?.find((field) => field[0] === name)?.[1] ?? null;
}
