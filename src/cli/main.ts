#!/usr/bin/env node
/**
 * The command: reads which subcommand is meant, loads that and nothing else, and leaves with its exit code.
 * Heavy packages are imported where they are used: a run against a cluster sends its first request within half a second.
 */
import { nowMs } from '../base/clock.ts';
import { exitWith } from './exit.ts';
import { Interrupts } from './interrupts.ts';

// Made first: a parent that dies while we load must not be taken for one we never had.
const interrupts = new Interrupts(nowMs);

await exitWith(async () => (await import('./dispatch.ts')).dispatch(process.argv.slice(2), interrupts), interrupts);
