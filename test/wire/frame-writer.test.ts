/** What was taken is not written again until it is known to have left; then the same memory serves again. */
import { expect, it } from 'vitest';
import { FrameWriter } from '../../src/wire/frame-writer.ts';

function pingOf(writer: FrameWriter, byte: number): Uint8Array {
  writer.ping(new Uint8Array(8).fill(byte), 0, false);
  return writer.take()!;
}

it('leaves alone what was taken', () => {
  const writer = new FrameWriter();
  const taken = Array.from({ length: 2_000 }, (_, i) => pingOf(writer, i & 0xff));
  taken.forEach((bytes, i) => expect([...bytes.subarray(9)]).toEqual(Array(8).fill(i & 0xff)));
});

it('writes to the same place once that has left', () => {
  const writer = new FrameWriter();
  const first = pingOf(writer, 1);
  writer.recycle();
  const second = pingOf(writer, 2);
  expect(second.buffer).toBe(first.buffer);
  expect(second.byteOffset).toBe(first.byteOffset);
});

it('does not move what is still to be taken', () => {
  const writer = new FrameWriter();
  const first = pingOf(writer, 1);
  writer.ping(new Uint8Array(8).fill(2), 0, false);
  writer.recycle();
  writer.ping(new Uint8Array(8).fill(3), 0, false);
  expect([...first.subarray(9)]).toEqual(Array(8).fill(1));
  const rest = writer.take()!;
  expect([rest.length, rest[9], rest[26]]).toEqual([34, 2, 3]);
});
