/** What the keys ask of the leases. */

export interface LeaseTable {
  /** Whether a lease with this id has been granted and not revoked; the id in two unsigned halves, never 0. */
  exists(low: number, high: number): boolean;
}

/** Of a server that grants none. */
export const noLeases: LeaseTable = { exists: () => false };
