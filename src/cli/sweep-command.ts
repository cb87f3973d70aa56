import { Command } from 'commander';
import { ProctorClient, type SweepRequest } from '../client.ts';
import { sweepText } from '../report/sweep-text.ts';

interface Flags {
  dryRun?: boolean;
  minAge?: string;
  json?: boolean;
}

/** `proctor sweep CLUSTER`: one sweep, now. Exits with 1 where something could not be removed. */
export function sweepCommand(): Command {
  return new Command('sweep')
    .description('remove from a cluster what closed runs left there; a worker that serves it does the work')
    .argument('<cluster>', 'the cluster, by the name under which a worker serves it')
    .option('--dry-run', 'say what would be removed, and remove nothing')
    .option(
      '--min-age <duration>',
      'leave objects of a run that Temporal does not know alone for this long (default: 1h)',
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
