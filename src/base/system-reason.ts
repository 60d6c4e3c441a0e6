/** Why the system refused, as people say it. */
import { messageOf, systemCodeOf } from './failure.ts';

/** Where libuv's words are for programmers. */
const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  EISDIR: 'it is a folder',
};

/** Of "EACCES: permission denied, open '/x'": permission denied. Whatever is no error of the system keeps its words. */
export function systemReason(thrown: unknown): string {
  const message = messageOf(thrown);
  const code = systemCodeOf(thrown);
  if (code === null || !message.startsWith(`${code}: `)) return message;
  return reasons[code] ?? message.slice(code.length + 2).replace(/, \w+( '.*')?$/s, '');
}
