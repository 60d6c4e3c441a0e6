#!/usr/bin/env node
/**
 * The command: reads which subcommand is meant, loads that and nothing else, and leaves with its exit code.
 * Heavy packages are imported where they are used: a run against a cluster sends its first request within half a second.
 */
import { exitWith } from './exit.ts';
import { dispatch } from './dispatch.ts';

await exitWith(() => dispatch(process.argv.slice(2)));
