import { Command } from 'commander';
import { ProctorClient, type SweepRequest } from '../client.ts';
import { sweepText } from '../report/sweep-text.ts';

interface Flags {
  dryRun?: boolean;
  minAge?: string;
  json?: boolean;
}

/** `proctor sweep CLUSTER`: runs one sweep now. Exits with 1 if an object could not be removed. */
export function sweepCommand(): Command {
  return new Command('sweep')
    .description('have a worker remove what closed runs left on a cluster')
    .argument('<cluster>', 'name under which a worker serves the cluster')
    .option('--dry-run', 'list what would be removed, and remove nothing')
    .option(
      '--min-age <duration>',
      'keep objects of runs that Temporal does not know if they are younger than this (default: 1h)',
    )
    .option('--json', 'print the result as JSON')
    .action(async (cluster: string, { dryRun, minAge, json }: Flags) => {
      const request: SweepRequest = {
        cluster,
        ...(dryRun === undefined ? {} : { dryRun }),
        ...(minAge === undefined ? {} : { minAge }),
      };
      const proctor = await ProctorClient.connect();
      try {
        const result = await proctor.sweep(request);
        console.log(json === true ? JSON.stringify(result, null, 2) : sweepText(result));
        if (result.failed.length > 0) process.exitCode = 1;
      } finally {
        await proctor.close();
      }
    });
}
