/** System errors in Go's words, which are libc's: libuv has its own for a few. */
import { getSystemErrorMap } from 'node:util';
import { messageOf, systemCodeOf } from '../../base/failure.ts';

const texts: ReadonlyMap<string, string> = new Map([
  ['EISDIR', 'is a directory'],
  ['EADDRNOTAVAIL', 'cannot assign requested address'],
  ['EROFS', 'read-only file system'],
  ['EEXIST', 'file exists'],
  ['ELOOP', 'too many levels of symbolic links'],
]);

/** `no such file or directory` for ENOENT; the whole message when it is no system error. */
export function goSystemText(thrown: unknown): string {
  const code = systemCodeOf(thrown);
  if (code === null) return messageOf(thrown);
  const known = texts.get(code);
  if (known !== undefined) return known;
  for (const [name, text] of getSystemErrorMap().values()) if (name === code) return text;
  return messageOf(thrown);
}
