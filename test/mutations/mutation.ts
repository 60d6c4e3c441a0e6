/** One change to one place of the source that takes out one limit or check, and the test that has to notice. */
export interface Mutation {
  /** What would be wrong then. */
  readonly then: string;
  /** Relative to src/wire. */
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly find: string;
  readonly replace: string;
  /** Test files to run, relative to test/wire. */
  readonly tests: readonly string[];
  /** Part of the full name of a test that has to fail. */
  readonly failing: string;
}
