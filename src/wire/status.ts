/** gRPC status codes (grpc/doc/statuscodes.md): the number on the wire, the name in reports. */
export const Code = {
  OK: 0,
  Canceled: 1,
  Unknown: 2,
  InvalidArgument: 3,
  DeadlineExceeded: 4,
  NotFound: 5,
  AlreadyExists: 6,
  PermissionDenied: 7,
  ResourceExhausted: 8,
  FailedPrecondition: 9,
  Aborted: 10,
  OutOfRange: 11,
  Unimplemented: 12,
  Internal: 13,
  Unavailable: 14,
  DataLoss: 15,
  Unauthenticated: 16,
} as const;
export type Code = (typeof Code)[keyof typeof Code];

const names = Object.keys(Code) as (keyof typeof Code)[];

/** `Unavailable` for 14; `Code(99)` for a number gRPC does not define. */
export function codeName(code: number): string {
  return names[code] ?? `Code(${code})`;
}

/** How a call ended when it did not end OK. Thrown by promise-shaped APIs; callbacks get the two fields bare. */
export class StatusError extends Error {
  override readonly name = 'StatusError';
  readonly code: Code;

  constructor(code: Code, message: string) {
    super(message);
    this.code = code;
  }

  /** Go's form, as etcdctl prints it: `rpc error: code = Unavailable desc = …`. */
  get goText(): string {
    return `rpc error: code = ${codeName(this.code)} desc = ${this.message}`;
  }
}
