/** The version of the package that is running, from its own package.json. */
import { readFileSync } from 'node:fs';

export const toolName = 'quorumbench';

export function toolVersion(): string {
  // As for builtFile: this code lies two folders below the root in every form.
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}
