/** `grpc-message`: UTF-8, percent-encoded outside printable ASCII (grpc/doc/PROTOCOL-HTTP2.md, "Percent-Encoded"). */

const clean = /^[ -$&-~]*$/;

export function percentEncode(text: string): string {
  if (clean.test(text)) return text;
  let encoded = '';
  for (const byte of Buffer.from(text, 'utf8')) {
    const plain = byte >= 0x20 && byte <= 0x7e && byte !== 0x25;
    encoded += plain ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}

/** Never fails: an escape that is none stays as it is, and malformed UTF-8 becomes U+FFFD. */
export function percentDecode(text: string): string {
  if (!text.includes('%')) return text;
  const latin1 = text.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(latin1, 'latin1').toString('utf8');
}
