/** One unary call on one channel, as a promise. */
import { DecodeError } from '../api/decode-error.ts';
import type { CallOptions } from '../wire/contract.ts';
import { Code, StatusError } from '../wire/status.ts';
import type { Channel } from './channel.ts';
import { abortedStatus } from './deadline.ts';

/** Rejects with a StatusError: the server's, the channel's, the signal's, or Internal for a reply that cannot be read. */
export function unaryBytes<Response>(
  channel: Channel,
  path: string,
  request: Uint8Array,
  options: CallOptions,
  signal: AbortSignal,
  decode: (bytes: Uint8Array) => Response,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(abortedStatus(signal));
    const handle = channel.unary(path, request, options, 0, {
      onReply(_token, code, message, payload) {
        signal.removeEventListener('abort', onAbort);
        if (signal.aborted) return reject(abortedStatus(signal));
        if (code !== Code.OK) return reject(new StatusError(code as Code, message));
        try {
          resolve(decode(payload));
        } catch (thrown) {
          reject(unreadable(thrown));
        }
      },
    });
    function onAbort(): void {
      channel.cancel(handle);
    }
    signal.addEventListener('abort', onAbort);
  });
}

/** A reply that is not the message it should be: the server's fault, told like any other failed call. */
export function unreadable(thrown: unknown): Error {
  if (thrown instanceof DecodeError) return new StatusError(Code.Internal, `malformed reply: ${thrown.message}`);
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
