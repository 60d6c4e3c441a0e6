/**
 * All that is served over gRPC, as the wire wants it: paths and their handlers. Services that are not built yet are absent
 * here, and answered Unimplemented by the router in grpc-go's words.
 */
import { Cluster, KV, Maintenance } from '../../api/methods.ts';
import type { Routes, UnaryHandler } from '../../wire/contract.ts';
import { memberListHandler } from './cluster.ts';
import { compactHandler } from './compact.ts';
import { deleteRangeHandler } from './delete-range.ts';
import { alarmHandler, statusHandler } from './maintenance.ts';
import { putHandler } from './put.ts';
import { Quota } from './quota.ts';
import { rangeHandler } from './range.ts';
import { Service, type ServiceOptions } from './service.ts';
import { Slices } from './slices.ts';
import { txnHandler } from './txn.ts';

/** The rows that `MethodCounters` counts. */
export const servedMethods = [
  ...[KV.Range, KV.Put, KV.DeleteRange, KV.Txn, KV.Compact],
  Cluster.MemberList,
  ...[Maintenance.Status, Maintenance.Alarm],
] as const;

export function routesOf(options: ServiceOptions): Routes {
  const service = new Service(options);
  const quota = new Quota(service);
  const slices = new Slices(options.clock);
  const unary = new Map<string, UnaryHandler>([
    [KV.Range.path, rangeHandler(service, slices)],
    [KV.Put.path, putHandler(service, quota)],
    [KV.DeleteRange.path, deleteRangeHandler(service)],
    [KV.Txn.path, txnHandler(service, quota, slices)],
    [KV.Compact.path, compactHandler(service)],
    [Cluster.MemberList.path, memberListHandler(service)],
    [Maintenance.Status.path, statusHandler(service)],
    [Maintenance.Alarm.path, alarmHandler(service)],
  ]);
  return { unary, streaming: new Map() };
}
