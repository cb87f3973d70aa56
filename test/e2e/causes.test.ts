/**
 * Why a validator ended: each cause made for real and from outside, the product knowing nothing of it, with its own defaults but for shorter
 * graces. `npm run causes` prints what comes of it as a table.
 */
import { openStage } from './causes/stage.ts';

openStage();

// The longest first.
await import('./causes/no-verdict.ts');
await import('./causes/worker-ends.ts');
await import('./causes/never-created.ts');
await import('./causes/container-runs.ts');
await import('./causes/removed.ts');
await import('./causes/retries.ts');
await import('./causes/whole-cluster.ts');
