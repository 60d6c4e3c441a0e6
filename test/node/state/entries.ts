/** Log entries as the node proposes them, written by the generated encoders. */
import { utf8 } from '../../../src/base/bytes.ts';
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
  if ('put' in command) return internalRequest(4, KV.Put.request.encode(command.put));
  if ('delete' in command) return internalRequest(5, KV.DeleteRange.request.encode(command.delete));
  if ('txn' in command) return internalRequest(6, KV.Txn.request.encode(command.txn));
  if ('compact' in command) return internalRequest(7, KV.Compact.request.encode(command.compact));
  return internalRequest(10, Maintenance.Alarm.request.encode(command.alarm));
}

export function internalRequest(field: number, request: Uint8Array): Uint8Array {
  const writer = new ProtoWriter();
  writer.uint32(field * 8 + 2).bytes(request);
  writer
    .uint32(100 * 8 + 2)
    .fork()
    .uint32(8)
    .uint64(0x1234_5678_9abc_def0n)
    .join();
  return writer.finish();
}
