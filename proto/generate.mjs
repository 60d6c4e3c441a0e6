/**
 * Writes src/api/gen from the .proto files beside this script: `npm run generate`, or `node proto/generate.mjs DIR` to
 * write elsewhere. Needs `protoc` (Debian: protobuf-compiler) and the dev dependency ts-proto; nothing else does, as
 * what it writes is checked in. A test in test/peers/api generates again and compares.
 *
 * ts-proto writes for friendly input; `harden` then changes what hostile bytes could use. Each step asserts that it
 * found its text, so a new ts-proto that writes something else fails here and not in production.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const protoDirectory = dirname(fileURLToPath(import.meta.url));
const root = dirname(protoDirectory);

const options = [
  'snakeToCamel=false', // fields are named as etcd names them, in its JSON too
  'protoJsonFormat=false',
  'outputJsonMethods=false',
  'outputServices=none', // src/api/methods.ts
  'forceLong=bigint', // 64 bits that identify something stay whole …
  'useJsTypeOverride=true', // … and those marked JS_NUMBER, which only have an order, become numbers
  'oneof=unions-value', // the last member on the wire wins, as protobuf says
  'enumsAsLiterals=true',
  'unrecognizedEnum=false',
  'useExactTypes=false',
  'exportCommonSymbols=false',
  'importSuffix=.ts',
  'annotateFilesWithVersion=false',
];

function protoFiles(directory) {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.proto'))
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
    .sort();
}

function runProtoc(files, target) {
  const plugin = join(root, 'node_modules', '.bin', 'protoc-gen-ts_proto');
  const flags = [`-I${protoDirectory}`, `--plugin=protoc-gen-ts_proto=${plugin}`, `--ts_proto_out=${target}`];
  execFileSync('protoc', [...flags, `--ts_proto_opt=${options.join(',')}`, ...files], { stdio: 'inherit' });
}

/** [what it is for, what is replaced, by what, whether every file must have it] */
const steps = [
  [
    'bytes are read by our own reader (bounded, strict, DecodeError only) and written by our own writer (one buffer)',
    /import \{ BinaryReader, BinaryWriter \} from "@bufbuild\/protobuf\/wire";\n/g,
    (depth) =>
      `import { emptyBytes } from "${depth}../base/bytes.ts";\n` +
      `import type { DeepPartial, MessageFns } from "${depth}message.ts";\n` +
      `import { ProtoReader } from "${depth}proto-reader.ts";\n` +
      `import { ProtoWriter } from "${depth}proto-writer.ts";\n`,
    true,
  ],
  ['… in every signature', /\bBinary(Reader|Writer)\b/g, () => 'Proto$1', true],
  [
    'the reader bounds depth and length of each message; ts-proto bounds the depth alone, through try and finally',
    / {4}const previousRecursionDepth = [^]*?\n {4}try \{\n {6}const end = [^\n]*\n([^]*?) {6}return message;\n {4}\} finally \{\n[^\n]*\n {4}\}\n/g,
    () => (_, body) =>
      `    const end = reader.begin(length);\n${body.replace(/^ {2}/gm, '')}    reader.finish(end);\n    return message;\n`,
    true,
  ],
  [
    'a tag is more than a number: field 0 is an error',
    /const tag = reader\.uint32\(\);/g,
    () => 'const tag = reader.tag();',
    true,
  ],
  [
    'a stray end of group is an error and not the end of the message',
    / {6}if \(\(tag & 7\) === 4 \|\| tag === 0\) \{\n {8}break;\n {6}\}\n {6}reader\.skip\(tag & 7\);\n/g,
    () => '      reader.skip(tag);\n',
    true,
  ],
  [
    '64 bits without a bigint, clamped',
    /longToNumber\(reader\.(u?)int64\(\)\)/g,
    () => 'reader.$1int64Number()',
    false,
  ],
  [
    'a length is not cut to 32 bits',
    /\.decode\(reader, reader\.uint32\(\)\)/g,
    () => '.decode(reader, reader.length())',
    false,
  ],
  [
    'packed fields end where they say',
    /const end2 = reader\.uint32\(\) \+ reader\.pos;\n(\s*)while \(reader\.pos < end2\) \{\n([^]*?)\n\1\}\n/g,
    () =>
      'const end2 = reader.begin(reader.length());\n$1while (reader.pos < end2) {\n$2\n$1}\n$1reader.finish(end2);\n',
    false,
  ],
  [
    'the writer checks ranges itself, and these guards are wrong inside a oneof',
    /[ \t]*if \(BigInt\.as(?:Int|Uint)N\(64, [^]*?\) \{\s*throw new globalThis\.Error\([^;]*\);\s*\}\n/g,
    () => '',
    false,
  ],
  ['… and it takes numbers', /int64\(BigInt\(([\w.]+)\)\)/g, () => 'int64($1)', false],
  ['no allocation for what is empty', /new Uint8Array\(0\)/g, () => 'emptyBytes', false],
  ['one DeepPartial and one MessageFns for all files (src/api/message.ts)', /\ntype Builtin = [^]*$/g, () => '', true],
];

/** A file of ts-proto's, made fit for bytes from strangers. */
function harden(source, path) {
  const depth = '../'.repeat(path.split('/').length);
  let text = source;
  for (const [purpose, pattern, replacement, required] of steps) {
    if (required && !text.match(pattern)) throw new Error(`${path}: nothing to replace for "${purpose}"`);
    text = text.replace(pattern, replacement(depth));
  }
  for (const leftover of ['longToNumber', 'globalThis', '__tsProto', 'reader.len;', 'BigInt.as']) {
    if (text.includes(leftover)) throw new Error(`${path}: ${leftover} is still there`);
  }
  if (!text.includes('emptyBytes', text.indexOf('function ')))
    text = text.replace(/import \{ emptyBytes \}[^\n]*\n/, '');
  return text.replace('// source:', '// Made by `npm run generate` from');
}

function generate(target) {
  const files = protoFiles(protoDirectory);
  const raw = mkdtempSync(join(tmpdir(), 'ts-proto-'));
  try {
    runProtoc(files, raw);
    const hardened = files.map((file) => hardenedFile(raw, file.replace(/\.proto$/, '.ts')));
    rmSync(target, { recursive: true, force: true });
    for (const [path, text] of hardened) {
      mkdirSync(dirname(join(target, path)), { recursive: true });
      writeFileSync(join(target, path), text);
    }
  } finally {
    rmSync(raw, { recursive: true });
  }
  process.stdout.write(`${files.length} files in ${relative(process.cwd(), target)}\n`);
}

function hardenedFile(directory, path) {
  return [path, harden(readFileSync(join(directory, path), 'utf8'), path)];
}

generate(process.argv[2] ?? join(root, 'src', 'api', 'gen'));
