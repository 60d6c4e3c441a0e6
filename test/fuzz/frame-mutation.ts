/**
 * Mutations of a sequence of frames that keep it a sequence of frames: most bytes of a random edit would die in the length
 * of the first frame and never see a stream. An input is one octet that says how it is cut into chunks, then frames.
 */
import type { Random } from '../../src/base/random.ts';
import { concat, ErrorCode, FrameType, frame, type Frame, uint32, word } from '../wire/frames.ts';
import { pick, splice } from './mutate.ts';

const flagsWorth = [0, 1, 4, 5, 8, 9, 0x0c, 0x0d, 0x20, 0x24, 0x25, 0x2c, 0xff];
const streamsWorth = [0, 1, 1, 1, 3, 3, 5, 7, 2, 101, 0x7fffffff];
const numbersWorth = [0, 1, 5, 100, 16_384, 16_385, 65_535, 65_536, 2 ** 24, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];

type Edit = (frames: Frame[], random: Random, templates: readonly Uint8Array[]) => void;

/** One to three edits of whole frames, or of fields whose meaning is known. `templates` are frames worth inserting. */
export function mutateFrames(input: Uint8Array, random: Random, templates: readonly Uint8Array[]): Uint8Array {
  const frames = framesOf(input.subarray(1));
  for (let left = 1 + random.below(3); left > 0; left--) pick(edits, random)(frames, random, templates);
  const parts = frames.map((each) => frame(each.type, each.flags, each.streamId, each.payload));
  return concat(Uint8Array.of(random.below(4) === 0 ? random.below(256) : (input[0] ?? 0)), ...parts);
}

/** The frames of an input; a rest that is none is a frame's payload. */
export function framesOf(bytes: Uint8Array): Frame[] {
  const frames: Frame[] = [];
  for (let at = 0; at + 9 <= bytes.length;) {
    const end = at + 9 + ((bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!);
    frames.push({
      type: bytes[at + 3]!,
      flags: bytes[at + 4]!,
      streamId: word(bytes, at + 5),
      payload: bytes.slice(at + 9, end),
    });
    at = end;
  }
  return frames;
}

function change(frames: Frame[], random: Random, make: (old: Frame) => Partial<Frame>): void {
  if (frames.length === 0) return;
  const at = random.below(frames.length);
  frames[at] = { ...frames[at]!, ...make(frames[at]!) };
}

const edits: readonly Edit[] = [
  (frames, random, templates) => {
    const insert = framesOf(pick(templates, random));
    frames.splice(random.below(frames.length + 1), 0, ...insert);
  },
  (frames, random, templates) => void frames.push(...framesOf(pick(templates, random))),
  (frames, random) => void frames.splice(random.below(frames.length + 1), 1),
  (frames, random) => {
    if (frames.length === 0) return;
    const copy = frames[random.below(frames.length)]!;
    const at = random.below(frames.length + 1);
    for (let times = 1 + random.below(8); times > 0; times--) frames.splice(at, 0, copy);
  },
  (frames, random) => {
    const moved = frames.splice(random.below(frames.length + 1), 1);
    frames.splice(random.below(frames.length + 1), 0, ...moved);
  },
  (frames, random) => change(frames, random, () => ({ streamId: pick(streamsWorth, random) })),
  (frames, random) => change(frames, random, () => ({ flags: pick(flagsWorth, random) })),
  (frames, random) => change(frames, random, () => ({ type: random.below(12) })),
  (frames, random) =>
    change(frames, random, (old) => ({ payload: old.payload.slice(0, random.below(old.payload.length + 1)) })),
  (frames, random) => change(frames, random, (old) => ({ payload: changedPayload(old, random) })),
  (frames, random) => change(frames, random, (old) => (isNumeric(old) ? { payload: numericPayload(old, random) } : {})),
];

/** Some octet of it is another, or some octets more. */
function changedPayload(old: Frame, random: Random): Uint8Array {
  if (old.payload.length === 0 || random.below(4) === 0) {
    const at = random.below(old.payload.length + 1);
    return splice(old.payload, at, at, new Uint8Array(random.below(40)).fill(random.below(256)));
  }
  const payload = old.payload.slice();
  payload[random.below(payload.length)] = random.below(256);
  return payload;
}

function isNumeric(each: Frame): boolean {
  return (
    each.type === FrameType.WINDOW_UPDATE || each.type === FrameType.RST_STREAM || each.type === FrameType.SETTINGS
  );
}

function numericPayload(old: Frame, random: Random): Uint8Array {
  if (old.type !== FrameType.SETTINGS) return uint32(pick([...numbersWorth, ...Object.values(ErrorCode)], random));
  return concat(Uint8Array.of(0, random.below(8)), uint32(pick(numbersWorth, random)));
}
