/** Log entries as the node proposes them, written by the generated encoders. */
import { concatBytes, utf8 } from '../../../src/base/bytes.ts';
import { KV, Maintenance } from '../../../src/api/methods.ts';
import type { DeepPartial } from '../../../src/api/message.ts';
import type {
  CompactionRequest,
  DeleteRangeRequest,
  PutRequest,
  TxnRequest,
} from '../../../src/api/gen/etcdserverpb/kv.ts';
import type { AlarmRequest } from '../../../src/api/gen/etcdserverpb/maintenance.ts';
import { ProtoWriter } from '../../../src/api/proto-writer.ts';

export type Command =
  | { readonly put: DeepPartial<PutRequest> }
  | { readonly delete: DeepPartial<DeleteRangeRequest> }
  | { readonly txn: DeepPartial<TxnRequest> }
  | { readonly compact: DeepPartial<CompactionRequest> }
  | { readonly alarm: DeepPartial<AlarmRequest> };

export function put(key: string, value: string): Command {
  return { put: { key: utf8(key), value: utf8(value) } };
}

/** An InternalRaftRequest, with its header as every entry has one. */
export function requestBytes(command: Command): Uint8Array {
  return concatBytes([proposalBytes(command), header]);
}

/** The same without the header, which the node adds. */
export function proposalBytes(command: Command): Uint8Array {
  if ('put' in command) return fieldBytes(4, KV.Put.request.encode(command.put));
  if ('delete' in command) return fieldBytes(5, KV.DeleteRange.request.encode(command.delete));
  if ('txn' in command) return fieldBytes(6, KV.Txn.request.encode(command.txn));
  if ('compact' in command) return fieldBytes(7, KV.Compact.request.encode(command.compact));
  return fieldBytes(10, Maintenance.Alarm.request.encode(command.alarm));
}

export function internalRequest(field: number, request: Uint8Array): Uint8Array {
  return concatBytes([fieldBytes(field, request), header]);
}

const header = fieldBytes(100, new ProtoWriter().uint32(8).uint64(0x1234_5678_9abc_def0n).finish());

function fieldBytes(field: number, bytes: Uint8Array): Uint8Array {
  return new ProtoWriter()
    .uint32(field * 8 + 2)
    .bytes(bytes)
    .finish();
}
