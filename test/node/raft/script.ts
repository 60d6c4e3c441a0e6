/**
 * Raft scenarios as text: commands, `----`, then everything that consensus answered; blocks are parted by empty lines.
 *
 *   restore id=1 voters=1 term=1 commit=1 applied=0 entries=1:conf     a member as its disk gives it back
 *   tick [n] | campaign | propose a b | persisted n | read id | applied index [voters=1,2] | compact index
 */
import { utf8, utf8Text } from '../../../src/base/bytes.ts';
import type { Effects, Input, Persist, RaftConfig, Restored } from '../../../src/node/raft/effects.ts';
import { type ConfState, type Entry, EntryType } from '../../../src/node/raft/entry.ts';
import { Raft } from '../../../src/node/raft/raft.ts';

export const plainConfig: RaftConfig = {
  id: 1n,
  electionTicks: 10,
  heartbeatTicks: 1,
  preVote: true,
  checkQuorum: true,
  seed: 1,
  uncommittedBytesMax: Infinity,
};

/** The script with the answers as they are now. */
export function played(script: string): string {
  let raft: Raft | null = null;
  const blocks = script
    .trim()
    .split(/\n\n+/)
    .map((block) => {
      const commands = block.split('\n----')[0]!.split('\n');
      const answers = commands.flatMap((line) => {
        if (line.startsWith('#')) return [];
        if (line.startsWith('restore ')) {
          raft = restoredRaft(line);
          return [];
        }
        return inputsOf(line).flatMap((input) => textOf(raft!.step(input)));
      });
      return [...commands, '----', ...(answers.length === 0 ? ['ok'] : answers)].join('\n');
    });
  return `${blocks.join('\n\n')}\n`;
}

function restoredRaft(line: string): Raft {
  const fields = new Map(line.split(' ').map((word) => word.split('=') as [string, string]));
  const number = (name: string): number => Number(fields.get(name) ?? 0);
  const snapshotIndex = number('snapshotIndex');
  const restored: Restored = {
    hardState: { term: number('term'), vote: BigInt(number('vote')), commit: number('commit') },
    confState: confStateOf(fields.get('voters') ?? ''),
    snapshotIndex,
    snapshotTerm: number('snapshotTerm'),
    entries: entriesOf(fields.get('entries') ?? '', snapshotIndex),
    applied: number('applied'),
  };
  const bytesMax = fields.get('uncommittedBytesMax');
  const uncommittedBytesMax = bytesMax === undefined ? Infinity : Number(bytesMax);
  return new Raft({ ...plainConfig, uncommittedBytesMax }, restored);
}

/** `1:conf,2:put`: terms and data, in the order of their indexes. */
function entriesOf(text: string, snapshotIndex: number): Entry[] {
  if (text === '') return [];
  return text.split(',').map((each, i) => {
    const [term, data = ''] = each.split(':');
    const type = data === 'conf' ? EntryType.confChange : EntryType.normal;
    return { term: Number(term), index: snapshotIndex + 1 + i, type, data: utf8(data) };
  });
}

function confStateOf(text: string): ConfState {
  return { voters: text === '' ? [] : text.split(',').map(BigInt), learners: [] };
}

function inputsOf(line: string): Input[] {
  const [kind = '', ...words] = line.split(' ');
  const [first = '0', second = ''] = words;
  switch (kind) {
    case 'tick':
      return new Array<Input>(Number(first) || 1).fill({ kind });
    case 'campaign':
      return [{ kind }];
    case 'propose':
      return [{ kind, proposals: words.map((word) => ({ type: EntryType.normal, data: utf8(word) })) }];
    case 'persisted':
      return [{ kind, number: Number(first) }];
    case 'read':
      return [{ kind: 'readIndex', id: Number(first) }];
    case 'applied': {
      const confState = second === '' ? null : confStateOf(second.replace('voters=', ''));
      return [{ kind, index: Number(first), confState }];
    }
    case 'compact':
      return [{ kind, keepAfter: Number(first) }];
    default:
      throw new Error(`unknown command: ${line}`);
  }
}

function textOf(effects: Effects): string[] {
  const { persist, commit, reads, role, refused } = effects;
  return [
    ...(role === null ? [] : [`role: ${role.role}, term ${role.term}, leader ${role.leader}`]),
    ...(persist === null ? [] : [persistText(persist)]),
    ...(commit.length === 0 ? [] : [`commit: ${commit.map(entryText).join(' ')}`]),
    ...reads.map(({ id, index }) => `read ${id}: ${index < 0 ? 'ask again' : index}`),
    ...(refused ? ['refused'] : []),
  ];
}

function persistText({ number, entries, hardState, mustSync }: Persist): string {
  const parts = [
    ...entries.map(entryText),
    ...(hardState === null ? [] : [`{term ${hardState.term}, vote ${hardState.vote}, commit ${hardState.commit}}`]),
  ];
  return `persist ${number}: ${parts.join(' ')}${mustSync ? '' : ' (no sync)'}`;
}

function entryText({ term, index, data }: Entry): string {
  return `${index}@${term}${data.length === 0 ? '' : `:${utf8Text(data)}`}`;
}
