/**
 * The engine against the letter of RFC 9113, RFC 7541 and gRPC over HTTP/2: one row for each rule, named by its section.
 * Every row is delivered twice, in one piece and octet by octet: where a socket cuts the bytes must not matter.
 */
import { describe, expect, it, vi } from 'vitest';
import type { Metadata } from '../../../src/wire/contract.ts';
import { Flag, headers } from '../frames.ts';
import { clientCallRows, clientConnectionRows, clientGrpcRows } from './client-rows.ts';
import { ClientRig, type Rig, type RigOptions, ServerRig } from './rig.ts';
import type { ClientRow, ServerRow } from './row.ts';
import { flowRows } from './server-flow.ts';
import {
  dataRows,
  frameRows,
  headersRows,
  prefaceRows,
  settingsRows,
  smallFrameRows,
  streamRows,
} from './server-frames.ts';
import { grpcRows, malformedRows } from './server-messages.ts';

const serverRows: readonly ServerRow[] = [
  ...prefaceRows,
  ...frameRows,
  ...streamRows,
  ...dataRows,
  ...headersRows,
  ...smallFrameRows,
  ...settingsRows,
  ...flowRows,
  ...malformedRows,
  ...grpcRows,
];
const clientRows: readonly ClientRow[] = [...clientConnectionRows, ...clientCallRows, ...clientGrpcRows];

const pieces = ['whole', 'octets'] as const;

function check(rig: Rig, row: ServerRow | ClientRow): void {
  expect(rig.lines).toEqual(row.expect);
  expect(rig.alive).toBe(row.alive ?? !row.expect.some((line) => line.startsWith('GOAWAY')));
}

function nameOf(row: ServerRow | ClientRow): string {
  return `${row.section}: ${row.says}`;
}

describe.each(pieces)('a server, bytes in %s', (how) => {
  it.each(serverRows.map((row) => [nameOf(row), row] as const))('%s', (_, row) => {
    const rig = new ServerRig({ ...row.rig, pieces: how } satisfies RigOptions);
    if (typeof row.send === 'function') row.send(rig);
    else rig.send(row.send);
    check(rig, row);
  });
});

describe.each(pieces)('a client, bytes in %s', (how) => {
  it.each(clientRows.map((row) => [nameOf(row), row] as const))('%s', (_, row) => {
    const rig = new ClientRig({ ...row.rig, pieces: how } satisfies RigOptions);
    for (let i = row.calls ?? 1; i > 0; i--) rig.call();
    if (row.rig?.handshake !== false) rig.reset();
    if (typeof row.send === 'function') row.send(rig);
    else rig.send(row.send);
    check(rig, row);
  });
});

it('holds at least 140 rows, each named once for its side', () => {
  expect(serverRows.length + clientRows.length).toBeGreaterThanOrEqual(140);
  for (const rows of [serverRows, clientRows]) expect(new Set(rows.map(nameOf)).size).toBe(rows.length);
});

describe('plain HTTP on the same connection', () => {
  const get: Metadata = [
    [':method', 'GET'],
    [':scheme', 'http'],
    [':path', '/health'],
    [':authority', 'a'],
  ];

  it('goes to the HTTP handler', async () => {
    const rig = new ServerRig({ http: true });
    rig.send(headers(1, get, Flag.END_HEADERS | Flag.END_STREAM));
    await vi.waitFor(() => {
      rig.collect();
      expect(rig.lines).toEqual(['HEADERS 1 200', "DATA 1 '/health'", "DATA 1 '' END"]);
    }, 10_000);
  });

  it('is 415 where nobody serves it', () => {
    const rig = new ServerRig();
    rig.send(headers(1, get, Flag.END_HEADERS | Flag.END_STREAM));
    expect(rig.lines).toEqual(['HEADERS 1 415 grpc 13 END']);
  });
});
