/**
 * membershippb's messages, as they lie inside an InternalRaftRequest (docs/etcd-facts.md, internal raft request). Throw
 * DecodeError.
 */
import { ProtoReader } from '../../api/proto-reader.ts';

/** ClusterMemberAttrSetRequest {member_ID = 1, member_attributes = 2: Attributes {name = 1, client_urls = 2}}. */
export interface MemberAttributes {
  memberId: bigint;
  name: string;
  clientUrls: string[];
}

const memberIdTag = 0x08;
const attributesTag = 0x12;
const nameTag = 0x0a;
const clientUrlTag = 0x12;
const versionTag = 0x0a;

export function readMemberAttributes(bytes: Uint8Array): MemberAttributes {
  const reader = new ProtoReader(bytes);
  const attributes: MemberAttributes = { memberId: 0n, name: '', clientUrls: [] };
  while (reader.pos < bytes.length) {
    const tag = reader.tag();
    if (tag === memberIdTag) attributes.memberId = reader.uint64();
    else if (tag === attributesTag) readAttributes(reader, attributes);
    else reader.skip(tag);
  }
  return attributes;
}

function readAttributes(reader: ProtoReader, attributes: MemberAttributes): void {
  const end = reader.begin(reader.length());
  while (reader.pos < end) {
    const tag = reader.tag();
    if (tag === nameTag) attributes.name = reader.string();
    else if (tag === clientUrlTag) attributes.clientUrls.push(reader.string());
    else reader.skip(tag);
  }
  reader.finish(end);
}

/** ClusterVersionSetRequest {ver = 1}. */
export function readClusterVersion(bytes: Uint8Array): string {
  const reader = new ProtoReader(bytes);
  let version = '';
  while (reader.pos < bytes.length) {
    const tag = reader.tag();
    if (tag === versionTag) version = reader.string();
    else reader.skip(tag);
  }
  return version;
}
