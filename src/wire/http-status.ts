/** HTTP statuses as gRPC codes, for answers that are not gRPC (grpc/doc/http-grpc-status-mapping.md). */
import { Code } from './status.ts';

const codes: ReadonlyMap<number, Code> = new Map<number, Code>([
  [400, Code.Internal],
  [401, Code.Unauthenticated],
  [403, Code.PermissionDenied],
  [404, Code.Unimplemented],
  [429, Code.Unavailable],
  [502, Code.Unavailable],
  [503, Code.Unavailable],
  [504, Code.Unavailable],
]);

/** Unknown for everything the mapping does not name, 200 included. */
export function codeOfHttpStatus(status: number): Code {
  return codes.get(status) ?? Code.Unknown;
}
