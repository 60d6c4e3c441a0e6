/** Before the peers suite: every program it drives must be there, or one line says what to install. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const programs = ['etcd', 'etcdctl', 'h2load', 'curl', 'chromium', 'promtool', 'protoc', 'ps'];

export default function setup(): void {
  const missing = programs.filter((program) => !isInstalled(program));
  if (missing.length === 0) return;
  const packages = readFileSync(new URL('packages.txt', import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .join(' ');
  throw new Error(`test:peers needs ${missing.join(', ')}: run "apt-get install --no-install-recommends ${packages}"`);
}

function isInstalled(program: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
