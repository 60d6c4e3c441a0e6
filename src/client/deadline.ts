/** One AbortSignal for a deadline and a caller's own signal; its reason is the StatusError that the call ends with. */
import { nowMs } from '../base/clock.ts';
import { Code, StatusError } from '../wire/status.ts';

export interface Deadline {
  readonly signal: AbortSignal;
  /** The call is over: lets go of the timer and of the caller's signal. */
  cancel(): void;
}

const timerMsMax = 2 ** 31 - 1;

/** `endMs` is on the monotonic clock; Infinity is never. */
export function deadlineSignal(endMs: number, caller: AbortSignal | undefined): Deadline {
  const controller = new AbortController();
  const waitMs = Math.max(0, endMs - nowMs());
  const expire = (): void => controller.abort(new StatusError(Code.DeadlineExceeded, 'context deadline exceeded'));
  const cancel = (): void => controller.abort(new StatusError(Code.Canceled, 'context canceled'));
  const timer = waitMs > timerMsMax ? null : setTimeout(expire, waitMs);
  if (caller?.aborted === true) cancel();
  caller?.addEventListener('abort', cancel);
  return {
    signal: controller.signal,
    cancel: () => {
      if (timer !== null) clearTimeout(timer);
      caller?.removeEventListener('abort', cancel);
    },
  };
}

/** What a call ends with whose signal has aborted; `trouble` says what it was waiting for, if that is known. */
export function abortedStatus(signal: AbortSignal, trouble = ''): StatusError {
  const reason: unknown = signal.reason;
  const status = reason instanceof StatusError ? reason : new StatusError(Code.Canceled, 'context canceled');
  return trouble === '' ? status : new StatusError(status.code, `${status.message} (${trouble})`);
}

/** The promise's outcome, or the signal's, whichever comes first. */
export async function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let onAbort = (): void => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(abortedStatus(signal));
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort);
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
