/** The 61 fields that every peer knows (RFC 7541 Appendix A), and where a name or a field stands among them. */

/** One header field. Tables hold these and header lists share them, so that an indexed field costs no allocation. */
export type Field = readonly [name: string, value: string];

/** Entry 1 stands at [1]; [0] is never read, as index 0 means nothing (RFC 7541 6.1). */
export const staticTable: readonly Field[] = [
  ['', ''],
  [':authority', ''],
  [':method', 'GET'],
  [':method', 'POST'],
  [':path', '/'],
  [':path', '/index.html'],
  [':scheme', 'http'],
  [':scheme', 'https'],
  [':status', '200'],
  [':status', '204'],
  [':status', '206'],
  [':status', '304'],
  [':status', '400'],
  [':status', '404'],
  [':status', '500'],
  ['accept-charset', ''],
  ['accept-encoding', 'gzip, deflate'],
  ['accept-language', ''],
  ['accept-ranges', ''],
  ['accept', ''],
  ['access-control-allow-origin', ''],
  ['age', ''],
  ['allow', ''],
  ['authorization', ''],
  ['cache-control', ''],
  ['content-disposition', ''],
  ['content-encoding', ''],
  ['content-language', ''],
  ['content-length', ''],
  ['content-location', ''],
  ['content-range', ''],
  ['content-type', ''],
  ['cookie', ''],
  ['date', ''],
  ['etag', ''],
  ['expect', ''],
  ['expires', ''],
  ['from', ''],
  ['host', ''],
  ['if-match', ''],
  ['if-modified-since', ''],
  ['if-none-match', ''],
  ['if-range', ''],
  ['if-unmodified-since', ''],
  ['last-modified', ''],
  ['link', ''],
  ['location', ''],
  ['max-forwards', ''],
  ['proxy-authenticate', ''],
  ['proxy-authorization', ''],
  ['range', ''],
  ['referer', ''],
  ['refresh', ''],
  ['retry-after', ''],
  ['server', ''],
  ['set-cookie', ''],
  ['strict-transport-security', ''],
  ['transfer-encoding', ''],
  ['user-agent', ''],
  ['vary', ''],
  ['via', ''],
  ['www-authenticate', ''],
];

export const staticLength = staticTable.length - 1;

const firstOfName = new Map<string, number>();
for (let index = staticLength; index > 0; index--) firstOfName.set(staticTable[index]![0], index);

/** The lowest static index with this name, or 0. */
export function staticNameIndex(name: string): number {
  return firstOfName.get(name) ?? 0;
}

/** The static index of exactly this field, or 0. Fields of one name stand together. */
export function staticFieldIndex(name: string, value: string): number {
  let index = firstOfName.get(name) ?? 0;
  for (; index > 0 && index <= staticLength && staticTable[index]![0] === name; index++) {
    if (staticTable[index]![1] === value) return index;
  }
  return 0;
}
