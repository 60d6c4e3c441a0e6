/** Which output may wait: answers to PING, as long as nothing else has been written since. */
import { describe, expect, it } from 'vitest';
import { Http2ClientConnection } from '../../src/wire/client-connection.ts';

const settings = Uint8Array.of(0, 0, 0, 4, 0, 0, 0, 0, 0);
const settingsAck = Uint8Array.of(0, 0, 0, 4, 1, 0, 0, 0, 0);
const ping = Uint8Array.of(0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8);
const call = { timeoutMs: 0, metadata: [] };

describe('outputCanWait', () => {
  function connected(): Http2ClientConnection {
    const connection = new Http2ClientConnection({ nowMs: 0, onOutput: () => {}, authority: 'a', secure: false });
    connection.receive(settings, 1);
    connection.receive(settingsAck, 1);
    connection.takeOutput();
    return connection;
  }

  it('is true of nothing, and of answers to PING', () => {
    const connection = connected();
    expect(connection.outputCanWait).toBe(true);
    connection.receive(ping, 2);
    connection.receive(ping, 3);
    expect(connection.outputCanWait).toBe(true);
    expect(connection.takeOutput()).toHaveLength(2 * ping.length);
    expect(connection.outputCanWait).toBe(true);
  });

  it.each<[name: string, act: (connection: Http2ClientConnection) => void]>([
    ['a call', (each) => void each.unary('/a/b', new Uint8Array(1), call, 0, { onReply: () => {} }, 2)],
    ['an answer to SETTINGS', (each) => each.receive(settings, 2)],
    ['the end', (each) => each.abort('over')],
  ])('is false of %s, before or after an answer to PING', (_name, act) => {
    for (const pingFirst of [true, false]) {
      const connection = connected();
      if (pingFirst) connection.receive(ping, 2);
      act(connection);
      if (!pingFirst) connection.receive(ping, 2);
      expect(connection.outputCanWait).toBe(false);
    }
  });

  it('is false of the preface', () => {
    const options = { nowMs: 0, onOutput: () => {}, authority: 'a', secure: false };
    expect(new Http2ClientConnection(options).outputCanWait).toBe(false);
  });
});
