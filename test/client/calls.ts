/** Promise-shaped calls over a bare channel, for tests. */
import type { Channel } from '../../src/client/channel.ts';
import type { CallOptions, ClientStream, Metadata } from '../../src/wire/contract.ts';

export interface Reply {
  readonly code: number;
  readonly message: string;
  readonly payload: string;
}

export const plain: CallOptions = { timeoutMs: 20_000, metadata: [] };

export function call(channel: Channel, method: string, request: string | Uint8Array, options = plain): Promise<Reply> {
  return startCall(channel, method, request, options).reply;
}

export function startCall(channel: Channel, method: string, request: string | Uint8Array, options = plain) {
  let handle = 0;
  const reply = new Promise<Reply>((resolve) => {
    handle = channel.unary(method, Buffer.from(request), options, 7, {
      onReply: (token, code, message, payload) =>
        resolve({ code: token === 7 ? code : -1, message, payload: Buffer.from(payload).toString('latin1') }),
    });
  });
  return { reply, cancel: () => channel.cancel(handle) };
}

export interface RecordedStream {
  readonly stream: ClientStream;
  readonly messages: string[];
  readonly headers: Metadata[];
  readonly drains: { count: number };
  readonly ended: Promise<{ code: number; message: string; trailers: Metadata }>;
  /** Resolves when so many messages have come. */
  readonly received: (count: number) => Promise<void>;
}

export function openRecorded(channel: Channel, method: string, options = plain): RecordedStream {
  const messages: string[] = [];
  const headers: Metadata[] = [];
  const drains = { count: 0 };
  let wake = (): void => {};
  let stream: ClientStream | null = null;
  const ended = new Promise<{ code: number; message: string; trailers: Metadata }>((resolve) => {
    stream = channel.openStream(method, options, {
      onHeaders: (metadata) => void headers.push(metadata),
      onMessage: (payload) => {
        messages.push(Buffer.from(payload).toString('latin1'));
        wake();
      },
      onEnd: (code, message, trailers) => {
        resolve({ code, message, trailers });
        wake();
      },
      onDrain: () => void drains.count++,
    });
  });
  const received = async (count: number): Promise<void> => {
    while (messages.length < count) await new Promise<void>((resolve) => (wake = resolve));
  };
  return { stream: stream!, messages, headers, drains, ended, received };
}
