/**
 * Errors that a user can do something about: a stable code to match on, one line of text, a remedy, an exit code.
 * Everything else that is thrown is a bug and may show its stack.
 */

/** What the process tells its caller; when several hold, the first of 130, 5, 6, 3, 1, 4, 0 wins (docs/exit-codes.md). */
export const ExitCode = {
  pass: 0,
  fail: 1,
  usage: 2,
  invalid: 3,
  inconclusive: 4,
  cleanupFailed: 5,
  unreachable: 6,
  interrupted: 130,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

export interface FailureDetails {
  /** What the process exits with when nothing handles the failure. Default: usage (2). */
  readonly exitCode?: ExitCode;
  /** What to do about it, as one sentence. */
  readonly remedy?: string;
  readonly cause?: unknown;
}

export class Failure extends Error {
  override readonly name = 'Failure';
  /** Stable, upper case with underscores: match on this, never on the text. */
  readonly code: string;
  readonly exitCode: ExitCode;
  readonly remedy: string | null;

  constructor(code: string, message: string, details: FailureDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.exitCode = details.exitCode ?? ExitCode.usage;
    this.remedy = details.remedy ?? null;
  }

  /** The one line for stderr: what is wrong, then what to do. */
  get line(): string {
    const text = this.remedy === null ? this.message : `${this.message}; ${this.remedy}`;
    return text.replace(/\s*\n\s*/g, ' ');
  }
}

/** The text of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** The `code` of a Node system error (ENOENT, ECONNREFUSED …), or null. */
export function systemCodeOf(thrown: unknown): string | null {
  if (!(thrown instanceof Error) || !('code' in thrown)) return null;
  return typeof thrown.code === 'string' ? thrown.code : null;
}
