/**
 * Why a validator ended: each cause made for real and from outside, the product knowing nothing of it, with its own defaults but for shorter
 * graces. `npm run causes` prints what comes of it as a table.
 */
import { openStage } from './causes/stage.ts';

openStage();

// The longest first.
await import('./causes/endings.ts');
await import('./causes/worker.ts');
await import('./causes/never-made.ts');
await import('./causes/runs.ts');
await import('./causes/taken-away.ts');
await import('./causes/again.ts');
await import('./causes/cluster.ts');
