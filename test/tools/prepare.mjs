// `npm ci` builds the checkout. npx prepares it once more when it links the checkout's own command into its cache: that
// took ten silent seconds before the first run, for a build that is there already.
import { execSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const linkedByNpx = process.env.npm_command === 'exec' && existsSync('dist/cli/main.js');
if (!linkedByNpx) execSync('npm run build', { stdio: 'inherit' });
