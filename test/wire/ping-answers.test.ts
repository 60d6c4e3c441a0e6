/** When answers to PING leave: at once, or with company once they have waited. */
import { describe, expect, it } from 'vitest';
import { Http2ClientConnection } from '../../src/wire/client-connection.ts';
import { FrameType } from '../../src/wire/frame.ts';

const settings = Uint8Array.of(0, 0, 0, 4, 0, 0, 0, 0, 0);
const settingsAck = Uint8Array.of(0, 0, 0, 4, 1, 0, 0, 0, 0);
const waitMs = 100;
/** Answered at once by every connection, so that the peer's windows find their size. */
const prompt = 16;

function ping(last: number): Uint8Array {
  return Uint8Array.of(0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, last);
}

function connected(pingAnswerWaitMs: number, prompted: number): Http2ClientConnection {
  const options = { nowMs: 0, onOutput: () => {}, authority: 'a', secure: false };
  const connection = new Http2ClientConnection({ ...options, pingAnswerWaitMs });
  connection.receive(settings, 1);
  connection.receive(settingsAck, 1);
  for (let i = 0; i < prompted; i++) connection.receive(ping(0), 1);
  connection.takeOutput();
  return connection;
}

/** The last bytes of the PINGs that are answered by what leaves now. */
function answered(connection: Http2ClientConnection): number[] {
  const output = connection.takeOutput() ?? new Uint8Array(0);
  const found: number[] = [];
  for (let at = 0; at < output.length; at += 9 + ((output[at + 1]! << 8) | output[at + 2]!)) {
    if (output[at + 3] === FrameType.Ping && output[at + 4] === 1) found.push(output[at + 16]!);
  }
  return found;
}

function call(connection: Http2ClientConnection, nowMs: number): void {
  connection.unary('/a/b', new Uint8Array(1), { timeoutMs: 0, metadata: [] }, 0, { onReply: () => {} }, nowMs);
}

describe('an answer to PING', () => {
  it('leaves at once where no wait is asked for', () => {
    const connection = connected(0, 3 * prompt);
    connection.receive(ping(7), 2);
    expect(connection.hasOutput).toBe(true);
    expect(answered(connection)).toEqual([7]);
  });

  it('leaves at once for the first of a connection', () => {
    const connection = connected(waitMs, 0);
    for (let i = 0; i < prompt; i++) {
      connection.receive(ping(i), 2);
      expect(answered(connection)).toEqual([i]);
    }
    connection.receive(ping(99), 2);
    expect(answered(connection)).toEqual([]);
  });

  it.each([
    { what: 'stays behind a call that leaves sooner', callAtMs: waitMs - 1, expected: [] },
    { what: 'leaves with the first call after its wait', callAtMs: waitMs, expected: [7] },
  ])('$what', ({ callAtMs, expected }) => {
    const connection = connected(waitMs, prompt);
    connection.receive(ping(7), 0);
    expect(connection.hasOutput).toBe(false);
    call(connection, callAtMs);
    expect(answered(connection)).toEqual(expected);
    call(connection, callAtMs);
    expect(answered(connection)).toEqual([]);
  });

  it('leaves alone after twice its wait', () => {
    const connection = connected(waitMs, prompt);
    connection.receive(ping(7), 0);
    connection.tick(2 * waitMs - 1);
    expect(connection.hasOutput).toBe(false);
    connection.tick(2 * waitMs);
    expect(connection.hasOutput).toBe(true);
    expect(answered(connection)).toEqual([7]);
    connection.tick(4 * waitMs);
    expect(connection.hasOutput).toBe(false);
  });

  it('does not wait behind another that waits', () => {
    const connection = connected(waitMs, prompt);
    connection.receive(ping(7), 0);
    connection.receive(ping(8), 0);
    expect(answered(connection)).toEqual([8]);
    connection.tick(2 * waitMs);
    expect(answered(connection)).toEqual([7]);
  });

  it('is not given when the connection is over', () => {
    const connection = connected(waitMs, prompt);
    connection.receive(ping(7), 0);
    connection.tick(waitMs);
    connection.abort('over');
    expect(connection.hasOutput).toBe(true);
    expect(answered(connection)).toEqual([]);
  });
});
