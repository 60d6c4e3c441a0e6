/**
 * What a member tells the cluster once somebody leads it: its name and client URLs, and (the leader) the version that all
 * members can do. Both go through the log like any request, as etcd's do, and are tried again until they are applied.
 */
import type { EtcdError } from '../api/errors.ts';
import { ProtoWriter } from '../api/proto-writer.ts';
import type { NodeLog } from './config.ts';
import type { Clock } from './ports.ts';
import { clusterVersion, raisesClusterVersion } from './releases.ts';
import type { Proposer, Requests } from './requests.ts';

export interface PublicationOptions {
  readonly requests: Requests;
  readonly clock: Clock;
  readonly lines: NodeLog;
  readonly name: string;
  readonly clientUrls: readonly string[];
  /** The member list has our name and URLs: clients may be served. Once. */
  readonly onPublished: () => void;
}

/** Before a publication that failed is tried again. */
const retryMs = 500;

/** InternalRaftRequest's fields (docs/etcd-facts.md, internal raft request). */
const clusterVersionSetTag = 1300 * 8 + 2;
const clusterMemberAttrSetTag = 1301 * 8 + 2;

export class Publication {
  readonly #options: PublicationOptions;
  #published = false;

  constructor(options: PublicationOptions) {
    this.#options = options;
  }

  /** To be called whenever this member has become the leader. */
  onLeading(): void {
    const { requests, lines } = this.#options;
    if (!this.#published) this.#publish();
    if (!raisesClusterVersion(requests.state.clusterVersion)) return;
    lines.info('setting up initial cluster version', { 'cluster-version': minorOf(clusterVersion) });
    requests.propose(
      clusterVersionSet(clusterVersion),
      this.#proposer(() => this.#onVersionSet()),
    );
  }

  #publish(): void {
    const { requests, name, clientUrls } = this.#options;
    const request = memberAttrSet(requests.status.memberId, name, clientUrls);
    requests.propose(
      request,
      this.#proposer(
        () => this.#onPublished(),
        () => this.#publish(),
      ),
    );
  }

  #onPublished(): void {
    const { requests, lines, name, clientUrls, onPublished } = this.#options;
    lines.info('published local member to cluster through raft', {
      'local-member-id': requests.status.memberId.toString(16),
      'local-member-attributes': `{Name:${name} ClientURLs:[${clientUrls.join(' ')}]}`,
      'cluster-id': requests.status.clusterId.toString(16),
    });
    if (this.#published) return;
    this.#published = true;
    onPublished();
  }

  #onVersionSet(): void {
    const { requests, lines } = this.#options;
    lines.info('cluster version is updated', { 'cluster-version': minorOf(requests.state.clusterVersion ?? '') });
  }

  /** Without `again` a failure is left to the next election. */
  #proposer(onDone: () => void, again: (() => void) | null = null): Proposer {
    const { requests, clock, lines } = this.#options;
    return {
      onApplied: onDone,
      onFailed: ({ message }: EtcdError) => {
        lines.warn('failed to publish local member to cluster through raft', { error: message });
        if (again !== null && !requests.status.stopping) clock.after(retryMs, again);
      },
    };
  }
}

/** membershippb.ClusterMemberAttrSetRequest {member_ID = 1, member_attributes = 2 {name = 1, client_urls = 2}}. */
function memberAttrSet(memberId: bigint, name: string, clientUrls: readonly string[]): Uint8Array {
  const writer = new ProtoWriter();
  writer.uint32(clusterMemberAttrSetTag).fork();
  writer.uint32(0x08).uint64(memberId);
  writer.uint32(0x12).fork().uint32(0x0a).string(name);
  for (const url of clientUrls) writer.uint32(0x12).string(url);
  return writer.join().join().finish();
}

/** membershippb.ClusterVersionSetRequest {ver = 1}. */
function clusterVersionSet(version: string): Uint8Array {
  return new ProtoWriter().uint32(clusterVersionSetTag).fork().uint32(0x0a).string(version).join().finish();
}

/** `3.7.0` is logged as `3.7`. */
function minorOf(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}
