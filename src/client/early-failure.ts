/** Calls on a channel that has no connection end with Unavailable, but never inside the call that started them. */
import { emptyBytes } from '../base/bytes.ts';
import type { ClientStream, ReplySink, StreamHandler } from '../wire/contract.ts';
import { Code } from '../wire/status.ts';

/** Answers a unary call in the next turn, so that a caller that sends again from `onReply` cannot recurse. */
export function failLater(sink: ReplySink, token: number, message: string): void {
  setImmediate(fail, sink, token, message);
}

function fail(sink: ReplySink, token: number, message: string): void {
  sink.onReply(token, Code.Unavailable, message, emptyBytes);
}

/** A stream that never opened: takes nothing, and ends in the next turn. */
export function closedStream(handler: StreamHandler, message: string): ClientStream {
  setImmediate(() => handler.onEnd(Code.Unavailable, message, []));
  return { send: () => false, end: nothing, cancel: nothing, pause: nothing, resume: nothing };
}

function nothing(): void {}
