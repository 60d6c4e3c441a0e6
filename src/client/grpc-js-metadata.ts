/** Our metadata (header-block text) to and from grpc-js's, where `-bin` values are bytes. */
import type { Metadata as GrpcMetadata } from '@grpc/grpc-js';
import type { Metadata } from '../wire/contract.ts';
import type { GrpcJs } from './grpc-js-module.ts';

export function toGrpcJs(grpc: GrpcJs, metadata: Metadata): GrpcMetadata {
  const result = new grpc.Metadata();
  for (const [name, value] of metadata) {
    result.add(name, name.endsWith('-bin') ? Buffer.from(value, 'base64') : value);
  }
  return result;
}

export function fromGrpcJs(metadata: GrpcMetadata): Metadata {
  const result: [string, string][] = [];
  for (const name of Object.keys(metadata.getMap())) {
    for (const value of metadata.get(name)) {
      result.push([name, typeof value === 'string' ? value : value.toString('base64').replace(/=+$/, '')]);
    }
  }
  return result;
}
