import { expect, it } from 'vitest';
import { seeded, soak } from './soak.ts';

/** `PROCTOR_SOAK_SECONDS=600` for the long run. */
const seconds = Number(process.env.PROCTOR_SOAK_SECONDS ?? 8);
const log = process.env.PROCTOR_SOAK_SECONDS === undefined ? () => undefined : console.log;

it(
  'loses no verdict and no log line, and leaves nothing behind, under random faults',
  async () => {
    const seed = Number(process.env.PROCTOR_SOAK_SEED ?? Math.floor(Math.random() * 1e9));
    const result = await soak({ seconds, parallel: 20, random: seeded(seed), log });
    log(`seed ${seed}: ${JSON.stringify(result)}`);
    expect(result, `seed ${seed}`).toMatchObject({ wrong: [], connectionsLeft: 0, resourcesLeft: [] });
    expect(result.jobs).toBeGreaterThan(20);
  },
  (seconds + 60) * 1000,
);
