// `dist`: what the command and its threads load, in few files. Ours are some 430 small modules, and opening each costs more
// than compiling it; so do zod (most of it is error texts in other languages) and yaml, which every run loads. Other
// packages stay where npm puts them. docs/decisions/0010 has what it won.
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { logCallers } from './log-callers.mjs';

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
const out = 'dist';
/** Loaded by every run; only needed to build. */
const bundledPackages = ['yaml', 'zod'];
/** What is started by its name: the command, and the threads that `builtFile` finds. */
const entries = [
  'cli/main',
  'bench/lane-thread',
  'bench/pacer-thread',
  'node/disk/sync-thread',
  'node/disk/lmdb-writer-thread',
  'node/exit-watchdog',
];

const bundle = await rolldown({
  input: Object.fromEntries(entries.map((name) => [name, `src/${name}.ts`])),
  platform: 'node',
  external: Object.keys(manifest.dependencies).map((name) => new RegExp(`^${name}(/|$)`)),
});
const { output } = await bundle.write({
  dir: out,
  format: 'esm',
  entryFileNames: '[name].js',
  chunkFileNames: 'chunks/[name]-[hash].js',
  sourcemap: true,
});
chmodSync(join(out, 'cli/main.js'), 0o755); // npm does it when it installs the package, but not in a checkout
const made = new Set(output.map(({ fileName }) => fileName));
writeFileSync(join(out, 'log-callers.json'), JSON.stringify(logCallers(output))); // src/node/log-caller.ts reads it
made.add('log-callers.json');
for (const name of bundledPackages) copyLicense(name);
removeAllBut(made);

function copyLicense(name) {
  const path = `licenses/${name}.txt`;
  mkdirSync(join(out, 'licenses'), { recursive: true });
  copyFileSync(`node_modules/${name}/LICENSE`, join(out, path));
  made.add(path);
}

/** What an older build left behind; only now, so that a command that is running finds its files for as long as it can. */
function removeAllBut(files) {
  for (const entry of readdirSync(out, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && !files.has(path.slice(out.length + 1).replaceAll('\\', '/'))) rmSync(path);
  }
}
