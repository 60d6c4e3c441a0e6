/** Help texts, laid out by yargs. Loaded only when somebody asks. */
import yargs, { type Argv } from 'yargs';
import type { Command } from './command.ts';
import { commonFlags, type Flag } from './flags.ts';
import { columnsOf } from './output.ts';

const widthMax = 100;

/** `bench --help`: the commands, an example of each, the exit codes. */
export function commandsHelp(commands: readonly Command[]): Promise<string> {
  const parser = declare(emptyParser(), commonFlags).usage(
    'bench <command>\n\nMeasures etcd and the machine under it, and says what limits them.',
  );
  for (const command of commands) {
    parser.command(command.usage, command.help);
    for (const [example, what] of command.examples.slice(0, 1)) parser.example(example, what);
  }
  return parser
    .epilogue(
      'Exit codes: 0 pass, 1 fail, 2 usage, 3 invalid, 4 inconclusive, 5 clean-up failed, 6 unreachable, 130 interrupted.',
    )
    .getHelp();
}

/** `bench run --help`: what it does, its flags by group, examples. */
export function commandHelp(command: Command): Promise<string> {
  const parser = declare(emptyParser(), [...command.flags, ...commonFlags]);
  parser.usage(`bench ${command.usage}\n\n${command.help}`);
  for (const [example, what] of command.examples) parser.example(example, what);
  return parser.getHelp();
}

function declare<T>(parser: Argv<T>, flags: readonly Flag[]): Argv<T> {
  for (const { name, help, group, value } of flags) {
    parser.option(value === null ? name : `${name} ${value}`, { describe: help, group: `${group}:` });
  }
  return parser;
}

function emptyParser(): Argv {
  return yargs([])
    .scriptName('bench')
    .exitProcess(false)
    .help(false)
    .version(false)
    .wrap(Math.min(widthMax, columnsOf(process.stdout, widthMax)));
}
