// npm marks a package's commands executable and links them when it installs them, but not in a checkout of the package
// itself. Without the links, npx would install the checkout into its cache first, and build it once more.
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';

const { bin } = JSON.parse(readFileSync('package.json', 'utf8'));
const links = join('node_modules', '.bin');

for (const [name, file] of Object.entries(bin)) {
  chmodSync(file, 0o755);
  if (!existsSync('node_modules')) continue;
  mkdirSync(links, { recursive: true });
  const fresh = join(links, `.${name}.${process.pid}`);
  symlinkSync(relative(links, file), fresh);
  renameSync(fresh, join(links, name)); // in one step: two builds may run at once
}
