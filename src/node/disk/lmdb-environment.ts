/**
 * LMDB's file and its tables, opened with the options that were measured (docs/benchmarks.md, backend): what lmdb-js
 * does by default resolves a commit before it is flushed, and after a crash may hand back one that was not.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { open, type Database, type RootDatabase } from 'lmdb';
import { ExitCode, Failure, messageOf, systemCodeOf } from '../../base/failure.ts';
import { tables, type Table } from '../ports.ts';

/** 16 KiB pages hold eleven records of 256 B + 1 KiB; 4 KiB pages hold two and leave a third empty. */
export const pageSizeBytes = 16_384;

export type Root = RootDatabase<Uint8Array, Uint8Array>;
export type OpenTable = Database<Uint8Array, Uint8Array>;
export type OpenTables = Readonly<Record<Table, OpenTable>>;

export interface Environment {
  readonly root: Root;
  readonly tables: OpenTables;
}

/** Opens or creates the file `path` (0600). Throws `Failure` when it cannot be used. */
export function openEnvironment(path: string, mapSizeBytes: number): Environment {
  try {
    checkHead(path);
    const root = open<Uint8Array, Uint8Array>(path, { ...environmentOptions, mapSize: mapSizeBytes });
    return { root, tables: Object.fromEntries(tables.map((name) => [name, openTable(root, name)])) as OpenTables };
  } catch (error) {
    throw new Failure('BACKEND_UNUSABLE', `${path}: the backend cannot be opened: ${messageOf(error)}`, {
      exitCode: ExitCode.fail,
      remedy: 'check that it is the file of this program, and that its directory can be written and has room',
      cause: error,
    });
  }
}

/** At the beginning of each of the two meta pages, after the page's own head (MDB_meta: magic, version; page size). */
const magicOffset = 24;
const magic = 0xbeefc0de;
const pageSizeOffset = 48;

/** LMDB crashes on a file that it did not make, and lmdb-js on what it says of one: both meta pages are looked at first. */
function checkHead(path: string): void {
  const head = new DataView(new ArrayBuffer(2 * pageSizeBytes));
  const bytes = readHead(path, head);
  if (bytes === 0) return; // absent, or a start that was killed before it wrote anything
  for (const page of [0, pageSizeBytes]) {
    const isMeta = bytes === head.byteLength && head.getUint32(page + magicOffset, true) === magic;
    if (!isMeta) throw new Error(`not a backend, or damaged: no meta page at byte ${page}`);
    const size = head.getUint32(page + pageSizeOffset, true);
    if (size !== pageSizeBytes) throw new Error(`a backend with pages of ${size} bytes, not ${pageSizeBytes}`);
  }
}

function readHead(path: string, into: DataView): number {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return 0;
    throw error;
  }
  try {
    return readSync(file, into, 0, into.byteLength, 0);
  } finally {
    closeSync(file);
  }
}

const environmentOptions = {
  noSubdir: true,
  permissionsMode: 0o600,
  pageSize: pageSizeBytes,
  maxDbs: tables.length,
  // A commit is called back after its pages and then its meta page are on the disk.
  overlappingSync: false,
  encoding: 'binary',
  keyEncoding: 'binary',
} as const;

function openTable(root: Root, name: Table): OpenTable {
  // The "version" is eight bytes before the value that cost no copy of it: there the checksum is.
  return root.openDB<Uint8Array, Uint8Array>({ name, encoding: 'binary', keyEncoding: 'binary', useVersions: true });
}

/** Pages of all tables, of the table of tables, of the list of free pages, and the two meta pages. */
export function pagesInUse({ root, tables: opened }: Environment): number {
  const whole = root.getStats() as TreeStats & { readonly root: TreeStats; readonly free: TreeStats };
  let pages = 2 + pagesOf(whole.root) + pagesOf(whole.free);
  for (const name of tables) pages += pagesOf(opened[name].getStats() as TreeStats);
  return pages;
}

/** Records of one table, as LMDB counts them. */
export function entryCount(table: OpenTable): number {
  return (table.getStats() as TreeStats).entryCount;
}

interface TreeStats {
  readonly entryCount: number;
  readonly treeBranchPageCount: number;
  readonly treeLeafPageCount: number;
  readonly overflowPages: number;
}

function pagesOf(stats: TreeStats): number {
  return stats.treeBranchPageCount + stats.treeLeafPageCount + stats.overflowPages;
}
