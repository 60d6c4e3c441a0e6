// npm marks a package's commands executable when it installs them, but not in a checkout of the package itself.
import { chmodSync } from 'node:fs';

chmodSync('dist/cli/main.js', 0o755);
