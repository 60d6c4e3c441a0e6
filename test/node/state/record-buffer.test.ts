import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecordBuffer } from '../../../src/node/state/record-buffer.ts';

/** How many records each revision has, and how long they are. */
const revisions = fc.array(
  fc.record({
    skipped: fc.nat(3),
    lengths: fc.array(fc.oneof(fc.nat(40), fc.constantFrom(400_000, 1_200_000)), { maxLength: 3 }),
  }),
  { maxLength: 30 },
);

function fill(buffer: RecordBuffer, all: readonly { skipped: number; lengths: readonly number[] }[], first: number) {
  const expected: { main: number; sub: number; length: number; byte: number }[] = [];
  let main = first;
  for (const { skipped, lengths } of all) {
    main += 1 + skipped;
    for (const [sub, length] of lengths.entries()) {
      buffer.add(main, sub, false, length);
      buffer.chunk.fill(expected.length, buffer.at, buffer.at + length);
      expected.push({ main, sub, length, byte: expected.length });
    }
  }
  return { expected, last: main };
}

describe('a record buffer', () => {
  it('finds what was put in, by revision, and nothing else, also when it is used again', () => {
    fc.assert(
      fc.property(revisions, revisions, (once, again) => {
        const buffer = new RecordBuffer();
        let first = 5;
        for (const all of [once, again]) {
          const { expected, last } = fill(buffer, all, first);
          for (const { main, sub, length, byte } of expected) {
            const found = buffer.find(main, sub)!;
            expect(found.length).toBe(length);
            expect(found.every((each) => each === byte)).toBe(true);
          }
          expect(buffer.count).toBe(expected.length);
          const isThere = (main: number, sub: number) =>
            expected.some((each) => each.main === main && each.sub === sub);
          for (let main = first - 1; main <= last + 1; main++) {
            for (let sub = 0; sub < 4; sub++) expect(buffer.find(main, sub) !== null).toBe(isThere(main, sub));
          }
          buffer.clear();
          expect([buffer.count, buffer.bytes, buffer.find(first + 1, 0)]).toEqual([0, 0, null]);
          first = last;
        }
      }),
      { numRuns: 30 },
    );
  });

  it('takes revisions in their order only', () => {
    const buffer = new RecordBuffer();
    buffer.add(5, 0, false, 1);
    expect(() => buffer.add(4, 0, false, 1)).toThrow('in order of revisions');
  });
});
