/** What a log could hold that we did not put there: nothing of it stops a member, and all of it does the same on every one. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyBytes, utf8 } from '../../../src/base/bytes.ts';
import { ProtoWriter } from '../../../src/api/proto-writer.ts';
import { EntryType } from '../../../src/node/raft/entry.ts';
import { internalRequest, put, requestBytes } from './entries.ts';
import { Machine } from './machine.ts';
import { command } from './model-commands.ts';
import { commandOf } from './model-translation.ts';

const types = fc.constantFrom(EntryType.normal, EntryType.normal, EntryType.confChange, EntryType.confChangeV2);
const fields = fc.constantFrom(1, 3, 4, 5, 6, 7, 8, 10, 100, 1300, 1301, 1302, 9900);

const mutated = fc
  .tuple(command, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }), fc.nat(), fc.boolean())
  .map(([each, changes, length, isCut]) => {
    const bytes = requestBytes(commandOf(each));
    for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
    return isCut ? bytes.slice(0, length % bytes.length) : bytes;
  });
const entryData = fc.oneof(
  mutated,
  fc.uint8Array({ maxLength: 40 }),
  fc.tuple(fields, fc.uint8Array({ maxLength: 30 })).map(([field, bytes]) => internalRequest(field, bytes)),
);

describe('entries of any bytes', () => {
  it('stop nothing, and lead two members to the same bytes', async () => {
    const run = async (all: readonly (readonly [EntryType, Uint8Array])[]) => {
      const machine = new Machine();
      machine.apply(put('a', '1'));
      for (const [type, data] of all) machine.applyData(data, type);
      expect(machine.state.appliedIndex).toBe(all.length + 1);
      await machine.settle();
      return machine.storage.dump();
    };
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(types, entryData), { maxLength: 30 }), async (all) => {
        expect(await run(all)).toBe(await run(all));
      }),
      { numRuns: 150 },
    );
  });

  it.each([
    { name: 'an empty entry', data: emptyBytes },
    { name: 'a header alone', data: new ProtoWriter().uint32(802).bytes(Uint8Array.of(8, 1)).finish() },
    { name: 'a request that is not built yet', data: internalRequest(1100, utf8('?')) },
    { name: 'a put cut short', data: internalRequest(4, Uint8Array.of(0x0a, 9, 0x61)) },
    { name: 'a message cut short', data: Uint8Array.of(0x22, 200) },
  ])('$name changes nothing but the index', ({ data }) => {
    const machine = new Machine();
    expect(machine.applyData(data)).toEqual({ error: null, revision: 1, response: null });
    expect(machine.state.appliedIndex).toBe(1);
    expect(machine.state.unflushedOperations).toBe(1);
  });

  it('of several requests in one entry the last one counts', () => {
    const machine = new Machine();
    const both = Buffer.concat([requestBytes(put('a', '1')), requestBytes(put('b', '2'))]);
    expect(machine.applyData(Uint8Array.from(both)).revision).toBe(2);
    expect(machine.range().kvs.map(({ key }) => key)).toEqual([utf8('b')]);
  });

  it('with fields that nobody knows yet mean what they did without them', () => {
    const machine = new Machine();
    const unknown = new ProtoWriter()
      .uint32(2000 * 8 + 2)
      .bytes(utf8('trace'))
      .uint32(50 * 8)
      .uint32(7)
      .finish();
    const data = Buffer.concat([unknown, requestBytes(put('a', '1')), unknown]);
    expect(machine.applyData(Uint8Array.from(data)).revision).toBe(2);
  });

  it('that were applied before are passed over', () => {
    const machine = new Machine();
    machine.apply(put('a', '1'));
    expect(machine.replay(machine.log[0]!)).toEqual({ error: null, revision: 2, response: null });
    expect(machine.range().kvs[0]).toMatchObject({ version: 1 });
  });

  it('out of order break an invariant', () => {
    const machine = new Machine();
    const entry = { term: 1, index: 2, type: EntryType.normal, data: emptyBytes };
    expect(() => machine.replay(entry)).toThrow('without a gap');
  });
});
