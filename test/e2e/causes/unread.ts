import { describe, it } from 'vitest';
import { createSite, until } from '../harness.ts';
import type { Scene } from './scene.ts';
import { BACKGROUND, stage, startWorker, taken } from './stage.ts';
import { type Expected, play } from './trouble.ts';

interface Unread {
  trouble: string;
  expected: Expected;
  exitCode: number;
  take(scene: Scene): Promise<unknown>;
}

const UNREAD: Unread[] = [
  {
    trouble: 'pod deleted when finished (exit code 1), but not yet read',
    expected: { cause: 'completed', status: 'failed' },
    exitCode: 1,
    take: async (scene) => taken(scene.podPath(await finished(scene))),
  },
  {
    trouble: 'pod deleted when finished (exit code 0), but not yet read',
    // Complete, says the Job; but so it does of a validator that took a SIGTERM well, and nobody is left who can tell.
    expected: { cause: 'pod-deleted', message: /pod not found/ },
    exitCode: 0,
    take: async (scene) => taken(scene.podPath(await finished(scene))),
  },
  {
    trouble: 'Job deleted when finished, but not yet read',
    expected: { cause: 'job-deleted' },
    exitCode: 1,
    take: async (scene) => {
      await finished(scene);
      return taken(scene.jobPath(await scene.job()), BACKGROUND);
    },
  },
];

describe.concurrent('while no worker is there', () => {
  it.concurrent('it finishes, and what it left is deleted before anybody has read it', async () => {
    const site = await createSite('unread');
    const worker = await startWorker(site);
    const scenes = await Promise.all(
      UNREAD.map(async (unread) => ({ unread, scene: await stage.open(unread.trouble, site) })),
    );
    try {
      await Promise.all(
        scenes.map(async ({ scene, unread }) => {
          await scene.start({ script: `sleep 4; exit ${unread.exitCode}` });
          await scene.runningPod();
        }),
      );
      await worker.end('SIGTERM');
      await Promise.all(
        scenes.map(async ({ scene, unread }) => {
          await unread.take(scene);
          await until('its pod is gone', async () => (await scene.pods()).length === 0);
        }),
      );
      await startWorker(site);
      const began = Date.now();
      const make = async () => began;
      for (const { scene, unread } of scenes) await play(unread.trouble, scene, { expected: unread.expected, make });
    } finally {
      await Promise.all(scenes.map(({ scene }) => scene.close()));
    }
  });
});

function finished(scene: Scene) {
  return scene.pod('the validator has finished', ({ status }) => ['Succeeded', 'Failed'].includes(status.phase));
}
