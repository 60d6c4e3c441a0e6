/** What a check says. Only `pass` is good news: `skip` could not look, `error` broke while looking. */
export type FindingStatus = 'pass' | 'warn' | 'fail' | 'skip' | 'error';

export interface Finding {
  /** The check's id: a noun, kebab-case. */
  readonly id: string;
  /** What is true when the check passes. */
  readonly title: string;
  readonly status: FindingStatus;
  /** What was seen, with figures. */
  readonly evidence: string;
  /** The threshold and where it comes from. */
  readonly threshold: string;
  readonly remedy: string | null;
}
