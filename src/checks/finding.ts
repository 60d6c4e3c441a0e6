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
  /** What was judged, as numbers, when the check is a bound on one: reports draw it. */
  readonly figure?: Figure;
}

/** A measured number beside its bound. Null: not enough samples to know it. */
export interface Figure {
  readonly measured: number | null;
  readonly limit: number;
  /** `min`: must be above the limit; `max`: must not be above it. */
  readonly bound: 'min' | 'max';
  readonly unit: 'ms' | 'perSec' | 'fraction';
}
