/**
 * Invariants. An operating error is handled where it happens; a broken invariant stops the process, in production too.
 */
export class AssertionFailure extends Error {
  override readonly name = 'AssertionFailure';
}

/** Throws AssertionFailure unless `condition` holds. `statement` says what must be true, in the present tense. */
export function assert(condition: boolean, statement: string): asserts condition {
  if (!condition) throw new AssertionFailure(`broken invariant: ${statement}`);
}

/** The end of an exhaustive switch: compiles only when every case was handled. */
export function unreachable(value: never): never {
  throw new AssertionFailure(`broken invariant: unexpected value ${String(value)}`);
}
