/** From the words on the command line to a command: reads its flags, loads it and nothing else. */
import { ExitCode, Failure } from '../base/failure.ts';
import { nearestWords } from '../base/nearest-words.ts';
import type { Command } from './command.ts';
import { reportFlags, runFlags } from './command-flags.ts';
import { parseWords } from './flags.ts';
import type { Interrupts } from './interrupts.ts';
import { toolName, toolVersion } from './tool-version.ts';

const commands: readonly Command[] = [
  {
    name: 'run',
    usage: 'run <workload.yaml>',
    help: 'put a load on a server, and say whether it carries it and what limits it',
    flags: runFlags,
    examples: [
      ['bench run workloads/s.yaml --target etcd', 'start a real etcd and load it as etcdctl check perf does'],
      ['bench run workloads/s.yaml --endpoints https://10.0.0.5:2379 --cacert ca.crt', 'your own cluster'],
      ['bench run workloads/put-max.yaml', 'as many puts as it takes; others: s, m, l, xl, range-max, mixed'],
      ['bench run - < workload.yaml', 'the workload from standard input'],
    ],
    run: async (typed, interrupts) => (await import('./run-start.ts')).startRun(typed, interrupts),
  },
  {
    name: 'report',
    usage: 'report <run-folder>',
    help: 'judge and render a saved run again',
    flags: reportFlags,
    examples: [['bench report results/s-20260101T120000Z', 'writes verdict.json and report.html there']],
    run: async (typed) => (await import('./report-command.ts')).reportCommand(typed),
  },
  {
    name: 'node',
    usage: 'node [etcd flags]',
    help: "serve etcd's key-value API: one durable member",
    flags: [],
    parsesItself: true,
    examples: [['bench node --name infra0 --data-dir infra0.etcd', 'every etcd flag: bench node --help']],
    run: async ({ words }, interrupts) => (await import('./node-command.ts')).nodeCommand(words.slice(1), interrupts),
  },
];

/** Answers the exit code. `typed` are the arguments without node and script. */
export async function dispatch(typed: readonly string[], interrupts: Interrupts): Promise<number> {
  const words = asFlags(typed);
  const [first] = words;
  const command = commands.find((each) => each.name === first);
  if (command !== undefined) return dispatchTo(command, words, interrupts);
  if (first !== undefined && !first.startsWith('-') && first !== 'help') throw unknownCommand(first);
  const { flags } = parseWords(words, []);
  if (flags.has('version')) return print(`${toolName} ${toolVersion()}`);
  const help = await (await import('./help.ts')).commandsHelp(commands);
  if (first !== undefined) return print(help);
  process.stderr.write(`${help}\n`);
  return ExitCode.usage;
}

/** As some programs have them: `help run` is `run --help`, and `version` is `--version`. */
function asFlags(words: readonly string[]): readonly string[] {
  const [first, second, ...rest] = words;
  if (first === 'version') return ['--version', ...words.slice(1)];
  if (first !== 'help' || second === undefined || second.startsWith('-')) return words;
  return asFlags([second, '--help', ...rest]);
}

async function dispatchTo(command: Command, words: readonly string[], interrupts: Interrupts): Promise<number> {
  if (command.parsesItself === true) return command.run({ ...parseWords([], []), words }, interrupts);
  const typed = parseWords(words.slice(1), command.flags, `bench ${command.name}`);
  if (typed.flags.has('help')) return print(await (await import('./help.ts')).commandHelp(command));
  if (typed.flags.has('version')) return print(`${toolName} ${toolVersion()}`);
  return command.run({ ...typed, words }, interrupts);
}

function unknownCommand(word: string): Failure {
  const [meant] = nearestWords(
    word,
    commands.map((each) => each.name),
    1,
  );
  const remedy = meant === undefined ? 'see bench --help' : `did you mean bench ${meant}?`;
  return new Failure('COMMAND', `unknown command "${word}"`, { remedy });
}

function print(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}
