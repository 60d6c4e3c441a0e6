/** grpc-js takes about 180 ms to load, so it is loaded by the first channel that connects with it. */
import type * as grpcJs from '@grpc/grpc-js';

export type GrpcJs = typeof grpcJs;

let loading: Promise<GrpcJs> | null = null;

export function loadGrpcJs(): Promise<GrpcJs> {
  loading ??= import('@grpc/grpc-js');
  return loading;
}
