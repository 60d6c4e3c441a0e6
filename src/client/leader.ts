/** Who leads: asked of every member, because each knows only its own id and the leader's. */
import { Maintenance } from '../api/methods.ts';
import type { Client } from './client.ts';
import type { Endpoint } from './endpoint.ts';

export interface MemberView {
  readonly endpoint: Endpoint;
  /** Null when it did not answer; `problem` says why. */
  readonly memberId: bigint | null;
  readonly leaderId: bigint | null;
  readonly problem: string | null;
}

/** One row per endpoint, asked at the same time. */
export function memberViews(client: Client, timeoutMs: number): Promise<MemberView[]> {
  return Promise.all(client.endpoints.map((endpoint) => viewOf(client, endpoint, timeoutMs)));
}

/** The endpoint whose member leads in its own view; null when none does, or when it is not among the client's. */
export async function leaderEndpoint(client: Client, timeoutMs: number): Promise<Endpoint | null> {
  const views = await memberViews(client, timeoutMs);
  return views.find((view) => view.memberId !== null && view.memberId === view.leaderId)?.endpoint ?? null;
}

async function viewOf(client: Client, endpoint: Endpoint, timeoutMs: number): Promise<MemberView> {
  try {
    const { header, leader } = await client.unary(Maintenance.Status, {}, { endpoint, timeoutMs });
    return { endpoint, memberId: header?.member_id ?? null, leaderId: leader, problem: null };
  } catch (thrown) {
    return { endpoint, memberId: null, leaderId: null, problem: thrown instanceof Error ? thrown.message : 'unknown' };
  }
}
