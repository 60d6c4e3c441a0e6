/**
 * The token of a user: fetched by the first call that needs it, shared by all, fetched again when the server no longer
 * takes it. A cluster without authentication answers so, and calls go without a token, as Go's clients do.
 */
import { Auth } from '../api/methods.ts';
import { etcdErrors } from '../api/errors.ts';
import type { Metadata } from '../wire/contract.ts';
import { StatusError } from '../wire/status.ts';

export interface User {
  readonly name: string;
  readonly password: string;
}

const noToken: Metadata = [];

export class TokenSource {
  readonly user: User | null;
  readonly #authenticate: (user: User) => Promise<string>;
  #metadata: Metadata | null = null;
  #fetching: Promise<Metadata> | null = null;

  /** `authenticate` makes the call `Auth.Authenticate` without a token. */
  constructor(user: User | null, authenticate: (user: User) => Promise<string>) {
    this.user = user;
    this.#authenticate = authenticate;
  }

  /** What to send along; the same object as long as the token is the same. */
  async metadata(path: string): Promise<Metadata> {
    if (this.user === null || path === Auth.Authenticate.path) return noToken;
    if (this.#metadata !== null) return this.#metadata;
    this.#fetching ??= this.#fetch(this.user).finally(() => (this.#fetching = null));
    return this.#fetching;
  }

  /** `used` was refused: the next call fetches a token, unless one was fetched since. */
  forget(used: Metadata): void {
    if (this.#metadata === used) this.#metadata = null;
  }

  async #fetch(user: User): Promise<Metadata> {
    this.#metadata = await this.#authenticate(user).then(
      (token): Metadata => [['token', token]],
      (thrown: unknown) => {
        if (thrown instanceof StatusError && thrown.message === etcdErrors.AUTH_NOT_ENABLED.message) return noToken;
        throw thrown;
      },
    );
    return this.#metadata;
  }
}
