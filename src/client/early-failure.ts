/** Calls on a channel that has no connection end with Unavailable, but never inside the call that started them. */
import { emptyBytes } from '../base/bytes.ts';
import type { ClientStream, ReplySink, StreamHandler } from '../wire/contract.ts';
import { Code } from '../wire/status.ts';

const mark = 'call not sent: ';

/** Whether the text of an Unavailable says that no server has seen the call, so that even a write may be repeated. */
export function wasNotSent(message: string): boolean {
  return message.startsWith(mark) || notProcessed.test(message);
}

/** What the two engines say of streams that the server has refused (RST_STREAM REFUSED_STREAM, beyond a GOAWAY). */
const notProcessed =
  /^(Stream refused by server|the server sent GOAWAY|stream terminated by RST_STREAM with error code: REFUSED_STREAM)/;

/** Answers a unary call in the next turn, so that a caller that sends again from `onReply` cannot recurse. */
export function failLater(sink: ReplySink, token: number, why: string): void {
  setImmediate(fail, sink, token, mark + why);
}

function fail(sink: ReplySink, token: number, message: string): void {
  sink.onReply(token, Code.Unavailable, message, emptyBytes);
}

/** A stream that never opened: takes nothing, and ends in the next turn. */
export function closedStream(handler: StreamHandler, why: string): ClientStream {
  setImmediate(() => handler.onEnd(Code.Unavailable, mark + why, []));
  return { send: () => false, end: nothing, cancel: nothing, pause: nothing, resume: nothing };
}

function nothing(): void {}
