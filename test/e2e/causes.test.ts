/**
 * Why a validator ended: each fault is produced from outside on the real cluster. The worker knows nothing of it and
 * runs with Proctor's defaults except for shorter graces. `npm run causes` prints the results as a table.
 */
import { openStage } from './causes/stage.ts';

openStage();

// The longest tests first.
await import('./causes/no-verdict.ts');
await import('./causes/worker-ends.ts');
await import('./causes/never-created.ts');
await import('./causes/container-runs.ts');
await import('./causes/removed.ts');
await import('./causes/retries.ts');
await import('./causes/whole-cluster.ts');
