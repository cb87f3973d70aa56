#!/usr/bin/env node
// The `proctor` command. Connects to Temporal with the Temporal CLI's environment variables and profile.
import { Command } from 'commander';
import { VERSION } from '../version.ts';
import { reasonOf } from './failure-reason.ts';
import { sweepCommand } from './sweep-command.ts';

const program = new Command('proctor')
  .description('Validation of Kubernetes clusters by a catalog of containers, on Temporal.')
  .version(VERSION)
  .addCommand(sweepCommand());

try {
  await program.parseAsync();
} catch (error) {
  console.error(`proctor: ${reasonOf(error)}`);
  process.exitCode = 1;
}
