/** From the words on the command line to a command. yargs reads them and writes the help; every check is ours. */
import yargs, { type Argv } from 'yargs';
import { Failure } from '../base/failure.ts';
import { declareFlags, typedFlags, unknownFlag, type Flag, type TypedFlags } from './flags.ts';
import { nearestWords } from '../base/nearest-words.ts';
import { reportFlags, runFlags } from './command-flags.ts';
import type { Interrupts } from './interrupts.ts';
import { toolName, toolVersion } from './tool-version.ts';

/** What a command was given. */
export interface Typed {
  readonly positional: readonly string[];
  readonly flags: TypedFlags;
  /** All arguments as typed, the command's name first. */
  readonly words: readonly string[];
}

interface Command {
  readonly name: string;
  /** With its positional, for help. */
  readonly usage: string;
  readonly help: string;
  readonly flags: readonly Flag[];
  readonly examples: readonly (readonly [command: string, what: string])[];
  run(typed: Typed, interrupts: Interrupts): Promise<number>;
}

const commands: readonly Command[] = [
  {
    name: 'run',
    usage: 'run <workload.yaml>',
    help: 'send a load, say what the server made of it',
    flags: runFlags,
    examples: [
      ['bench run workloads/s.yaml --target etcd', 'start a real etcd and load it as etcdctl check perf does'],
      ['bench run workloads/xl.yaml --endpoints https://10.0.0.5:2379 --cacert ca.crt', 'your own cluster'],
    ],
    run: async (typed, interrupts) => (await import('./run-command.ts')).runCommand(typed, interrupts),
  },
  {
    name: 'report',
    usage: 'report <run-folder>',
    help: 'judge and render a saved run again',
    flags: reportFlags,
    examples: [['bench report results/s-20260101T120000Z', 'writes verdict.json and report.html there']],
    run: async (typed) => (await import('./report-command.ts')).reportCommand(typed),
  },
];

/** Answers the exit code. `words` are the arguments without node and script. */
export async function dispatch(words: readonly string[], interrupts: Interrupts): Promise<number> {
  const command = commands.find((each) => each.name === words[0]);
  if (command !== undefined) return runDispatched(command, words, interrupts);
  if (words.includes('--version')) return print(`${toolName} ${toolVersion()}`);
  if (words.length === 0 || words[0]!.startsWith('-') || words[0] === 'help') return topLevel(words);
  const [meant] = nearestWords(
    words[0]!,
    commands.map((each) => each.name),
    1,
  );
  throw new Failure('COMMAND', `unknown command "${words[0]}"`, {
    remedy: meant === undefined ? 'see bench --help' : `did you mean bench ${meant}?`,
  });
}

async function runDispatched(command: Command, words: readonly string[], interrupts: Interrupts): Promise<number> {
  const parser = commandParser(command);
  const argv = (await parser.parseAsync([...words.slice(1)])) as Readonly<Record<string, unknown>>;
  if (argv['help'] === true) return print(await parser.getHelp());
  if (argv['version'] === true) return print(`${toolName} ${toolVersion()}`);
  const positional = (Array.isArray(argv['_']) ? argv['_'] : []).map(String);
  return command.run({ positional, flags: typedFlags(argv, command.flags), words }, interrupts);
}

async function topLevel(words: readonly string[]): Promise<number> {
  const parser = base([]).usage('bench <command>\n\nBenchmarks etcd and says what it saw.');
  for (const command of commands) {
    parser.command(command.usage, command.help);
    parser.example(command.examples[0]![0], command.examples[0]![1]);
  }
  parser.epilogue(
    'Exit codes: 0 pass, 1 fail, 2 usage, 3 invalid, 4 inconclusive, 5 clean-up failed, 6 unreachable, 130 interrupted.',
  );
  const unknown = words.find((word) => word.startsWith('-') && word !== '--help' && word !== '-h');
  if (unknown !== undefined) throw unknownFlag(unknown.replace(/^-+/, ''), []);
  const help = await parser.getHelp();
  if (words.length > 0) return print(help);
  process.stderr.write(`${help}\n`);
  return 2;
}

function commandParser(command: Command): Argv {
  const parser = declareFlags(base([]), command.flags).usage(`bench ${command.usage}\n\n${command.help}`);
  for (const [example, what] of command.examples) parser.example(example, what);
  return parser;
}

/** No guessing: texts stay texts, `--no-x` and dotted names mean nothing special, and yargs never ends the process. */
function base(words: readonly string[]): Argv {
  return yargs([...words])
    .scriptName('bench')
    .parserConfiguration({
      'camel-case-expansion': false,
      'boolean-negation': false,
      'dot-notation': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'short-option-groups': false,
    })
    .exitProcess(false)
    .help(false)
    .version(false)
    .option('help', { boolean: true, describe: 'show this' })
    .option('version', { boolean: true, describe: 'show the version' })
    .fail((message, error) => {
      throw error instanceof Failure ? error : parserFailure(message);
    })
    .wrap(Math.min(100, process.stdout.columns || 100));
}

/** What yargs refuses by itself, in our words. */
function parserFailure(message: string): Failure {
  const missing = /^Not enough arguments following: (\S+)/.exec(message)?.[1];
  const text = missing === undefined ? message : `--${missing} needs a value`;
  return new Failure('FLAG', text.replace(/\s+/g, ' '), { remedy: 'see bench --help' });
}

function print(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}
