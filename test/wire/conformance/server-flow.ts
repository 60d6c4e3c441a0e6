/** Flow control as a server must keep it and enforce it: RFC 9113 6.9. */
import {
  ascii,
  concat,
  data,
  Flag,
  frame,
  FrameType,
  message,
  padded,
  Setting,
  settings,
  windowUpdate,
} from '../frames.ts';
import type { ServerRig } from './rig.ts';
import { open, type ServerRow, served, unary } from './row.ts';

const small = { limits: { streamWindowBytes: 1_000, connectionWindowBytes: 65_535, tinyDataBytes: 0 } };

/** Octets of DATA that the engine has sent on a stream. */
function sentBytes(rig: ServerRig, streamId: number): number {
  const frames = rig.frames.filter((seen) => seen.type === FrameType.DATA && seen.streamId === streamId);
  return frames.reduce((sum, seen) => sum + seen.payload.length, 0);
}

export const flowRows: readonly ServerRow[] = [
  {
    section: '9113 6.9',
    says: 'WINDOW_UPDATE of 0 on the connection',
    send: windowUpdate(0, 0),
    expect: ['GOAWAY PROTOCOL_ERROR'],
  },
  {
    section: '9113 6.9',
    says: 'WINDOW_UPDATE of 0 on a stream',
    send: concat(open(1, '/t.T/Sum'), windowUpdate(1, 0)),
    expect: ['RST_STREAM 1 PROTOCOL_ERROR'],
  },
  {
    section: '9113 6.9',
    says: 'WINDOW_UPDATE of three octets',
    send: frame(FrameType.WINDOW_UPDATE, 0, 0, ascii('abc')),
    expect: ['GOAWAY FRAME_SIZE_ERROR'],
  },
  {
    section: '9113 6.9.1',
    says: 'the connection window grows to exactly 2^31-1',
    send: windowUpdate(0, 2 ** 31 - 1 - 65_535),
    expect: [],
  },
  {
    section: '9113 6.9.1',
    says: 'the connection window grows beyond 2^31-1',
    send: windowUpdate(0, 2 ** 31 - 65_535),
    expect: ['GOAWAY FLOW_CONTROL_ERROR'],
  },
  {
    section: '9113 6.9.1',
    says: 'a stream window grows beyond 2^31-1',
    send: concat(open(1, '/t.T/Sum'), windowUpdate(1, 2 ** 31 - 65_535)),
    expect: ['RST_STREAM 1 FLOW_CONTROL_ERROR'],
  },
  {
    section: '9113 6.9.1',
    says: 'as much DATA as the stream window allows',
    rig: small,
    send: concat(open(1, '/t.T/Sum'), data(1, message(new Uint8Array(995)), Flag.END_STREAM)),
    expect: served(1, '995'),
  },
  {
    section: '9113 6.9.1',
    says: 'one octet more than the stream window allows',
    rig: small,
    send: concat(open(1, '/t.T/Sum'), data(1, message(new Uint8Array(996)))),
    expect: ['RST_STREAM 1 FLOW_CONTROL_ERROR'],
  },
  {
    section: '9113 6.9.1',
    says: 'padding counts against the window',
    rig: small,
    send: concat(open(1, '/t.T/Sum'), data(1, padded(message(new Uint8Array(800)), 200), Flag.PADDED)),
    expect: ['RST_STREAM 1 FLOW_CONTROL_ERROR'],
  },
  {
    section: '9113 6.9.1',
    says: 'more DATA than the connection window allows',
    // Half the window is always open, so only a frame that is longer than that can go beyond it.
    rig: { limits: { frameBytesMax: 100_000, streamWindowBytes: 1_000_000, connectionWindowBytes: 65_535 } },
    send: concat(open(1, '/t.T/Sum'), data(1, new Uint8Array(65_536))),
    expect: ['GOAWAY FLOW_CONTROL_ERROR'],
  },
  {
    section: '9113 6.9.1',
    says: 'exactly as much DATA as the connection window allows',
    rig: { limits: { frameBytesMax: 100_000, streamWindowBytes: 1_000_000, connectionWindowBytes: 65_535 } },
    send: concat(open(1, '/t.T/Sum'), data(1, message(new Uint8Array(65_530)), Flag.END_STREAM)),
    expect: served(1, '65530'),
  },
  {
    section: '9113 6.9.1',
    says: 'we send no more than the connection window of 65,535',
    rig: { settings: [[Setting.INITIAL_WINDOW_SIZE, 1_000_000]] },
    send: (rig) => {
      rig.send(unary(1, '', '/t.T/Pour'));
      const before = sentBytes(rig, 1);
      rig.send(windowUpdate(0, 1_000_000));
      rig.lines.splice(0, Infinity, `${before} of ${sentBytes(rig, 1)}`);
    },
    expect: ['65535 of 200005'],
  },
  {
    section: '9113 6.9.1',
    says: 'we send no more than the stream window, and go on when it grows',
    rig: { settings: [[Setting.INITIAL_WINDOW_SIZE, 100]] },
    send: (rig) => {
      rig.send(windowUpdate(0, 1_000_000), unary(1, '', '/t.T/Pour'));
      const before = sentBytes(rig, 1);
      rig.send(windowUpdate(1, 50));
      rig.lines.splice(0, Infinity, `${before}, then ${sentBytes(rig, 1)}`);
    },
    expect: ['100, then 150'],
  },
  {
    section: '9113 6.9.2',
    says: 'a larger INITIAL_WINDOW_SIZE widens open streams',
    rig: { settings: [[Setting.INITIAL_WINDOW_SIZE, 10]] },
    send: (rig) => {
      rig.send(unary(1, '', '/t.T/Pour'));
      const before = sentBytes(rig, 1);
      rig.send(settings([[Setting.INITIAL_WINDOW_SIZE, 30]]));
      rig.lines.splice(0, Infinity, `${before}, then ${sentBytes(rig, 1)}`);
    },
    expect: ['10, then 30'],
  },
  {
    section: '9113 6.9.2',
    says: 'a smaller one makes windows negative, and the debt is paid first',
    rig: { settings: [[Setting.INITIAL_WINDOW_SIZE, 1_000]] },
    send: (rig) => {
      rig.send(unary(1, '', '/t.T/Pour'), settings([[Setting.INITIAL_WINDOW_SIZE, 100]]), windowUpdate(1, 900));
      const inDebt = sentBytes(rig, 1);
      rig.send(windowUpdate(1, 1));
      rig.lines.splice(0, Infinity, `${inDebt}, then ${sentBytes(rig, 1)}`);
    },
    expect: ['1000, then 1001'],
  },
  {
    section: '9113 6.9.2',
    says: 'an INITIAL_WINDOW_SIZE that pushes a window beyond 2^31-1',
    send: concat(open(1, '/t.T/Sum'), windowUpdate(1, 1_000), settings([[Setting.INITIAL_WINDOW_SIZE, 2 ** 31 - 1]])),
    expect: ['SETTINGS ACK', 'GOAWAY FLOW_CONTROL_ERROR'],
  },
  {
    section: '9113 6.9.2',
    says: 'INITIAL_WINDOW_SIZE leaves the connection window alone',
    rig: { settings: [[Setting.INITIAL_WINDOW_SIZE, 2 ** 31 - 1]] },
    send: (rig) => {
      rig.send(unary(1, '', '/t.T/Pour'));
      rig.lines.splice(0, Infinity, String(sentBytes(rig, 1)));
    },
    expect: ['65535'],
  },
  {
    section: '9113 5.2.2',
    says: 'a message larger than any window arrives, because windows are refilled while it does',
    rig: { limits: { streamWindowBytes: 20_000, connectionWindowBytes: 65_535 } },
    send: (rig) => {
      const whole = message(new Uint8Array(300_000));
      let window = 20_000;
      rig.send(open(1, '/t.T/Sum'));
      for (let at = 0; at < whole.length;) {
        const part = whole.slice(at, at + Math.min(window, 16_384));
        if (part.length === 0) break;
        at += part.length;
        rig.reset();
        rig.send(data(1, part, at === whole.length ? Flag.END_STREAM : 0));
        window += rig.windowUpdates(1).reduce((sum, each) => sum + each, -part.length);
      }
    },
    expect: served(1, '300000'),
  },
  {
    section: '9113 6.9',
    says: 'DATA of a stream that is gone is given back to the connection',
    rig: { limits: { connectionWindowBytes: 65_535 } },
    send: (rig) => {
      rig.send(headersOnly(rig));
      for (let i = 0; i < 8; i++) rig.send(data(1, new Uint8Array(16_000)));
      rig.lines.splice(0, Infinity, `${rig.windowUpdates(0).reduce((sum, each) => sum + each, 0) >= 64_000}`);
    },
    expect: ['true'],
  },
];

/** A request that is reset at once, so that its DATA finds no stream. */
function headersOnly(rig: ServerRig): Uint8Array {
  rig.reset();
  return open(1, '/t.T/Sum', { connection: 'close' });
}
