/** HEADERS that repeat are copied, but only while they fit the frames that the peer takes. */
import { expect, it } from 'vitest';
import { FrameType, frameHeaderBytes } from '../../src/wire/frame.ts';
import { FrameWriter } from '../../src/wire/frame-writer.ts';
import { HeaderTemplate, HeaderWriter } from '../../src/wire/header-writer.ts';

function framesOf(bytes: Uint8Array): { type: number; length: number }[] {
  const frames: { type: number; length: number }[] = [];
  for (let at = 0; at < bytes.length; at += frameHeaderBytes + frames.at(-1)!.length) {
    const length = Buffer.from(bytes.subarray(at, at + 3)).readUIntBE(0, 3);
    frames.push({ type: bytes[at + 3]!, length });
  }
  return frames;
}

it('splits what it had kept whole, once the peer takes smaller frames', () => {
  const out = new FrameWriter();
  const headers = new HeaderWriter(out, 65_536);
  const template = new HeaderTemplate([['authorization', 'ab%'.repeat(12_000)]]);
  for (const streamId of [1, 3]) headers.writeTemplate(streamId, template, true);
  expect(framesOf(out.take()!)).toHaveLength(2);
  headers.frameBytesMax = 16_384;
  headers.writeTemplate(5, template, true);
  const frames = framesOf(out.take()!);
  expect(frames.map(({ type }) => type)).toEqual([FrameType.Headers, FrameType.Continuation]);
  expect(Math.max(...frames.map(({ length }) => length))).toBe(16_384);
});
