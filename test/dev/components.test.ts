import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type Component,
  ensureRunning,
  findRunning,
  pauseRunning,
  stopRunning,
  waitReady,
} from '../../dev/components.ts';
import { inspectProcess } from '../../dev/os-process.ts';

let stateDir: string;

beforeEach(() => {
  stateDir = realpathSync(mkdtempSync(join(tmpdir(), 'proctor-process-')));
});

afterEach(async () => {
  await stopRunning(stateDir, 'sleeper', 'SIGKILL');
  rmSync(stateDir, { recursive: true, force: true });
});

function sleeper(script = 'setInterval(() => {}, 1000)'): Component {
  return {
    name: 'sleeper',
    command: realpathSync(process.execPath),
    args: ['--eval', script],
    cwd: stateDir,
    log: join(stateDir, 'log', 'sleeper.log'),
  };
}

interface ComponentFile {
  pid?: number;
  startTime?: string;
}

const recordFile = (): string => join(stateDir, 'components', 'sleeper.json');
const readRecord = (): ComponentFile => JSON.parse(readFileSync(recordFile(), 'utf8')) as ComponentFile;

describe('the components of a stack', () => {
  it('starts a component once and keeps it while it runs', async () => {
    expect(await ensureRunning(stateDir, sleeper())).toBe('started');
    const pid = readRecord().pid;
    expect(await ensureRunning(stateDir, sleeper())).toBe('kept');
    expect(readRecord().pid).toBe(pid);
  });

  it('restarts a component if its command line has changed', async () => {
    await ensureRunning(stateDir, sleeper());
    const pid = readRecord().pid;
    expect(await ensureRunning(stateDir, sleeper('setInterval(() => {}, 2000)'))).toBe('started');
    expect(readRecord().pid).not.toBe(pid);
    expect(await inspectProcess(pid ?? 0)).toBeUndefined();
  });

  it('does not mistake another process with the same pid for a component', async () => {
    const stranger = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    try {
      await ensureRunning(stateDir, sleeper());
      const own = readRecord();
      writeFileSync(recordFile(), JSON.stringify({ ...sleeper(), pid: stranger.pid, startTime: own.startTime }));
      const startTime = (await inspectProcess(stranger.pid ?? 0))?.startTime;
      if (startTime !== own.startTime) expect(await findRunning(stateDir, 'sleeper')).toBeUndefined();
      writeFileSync(recordFile(), JSON.stringify({ ...sleeper(), pid: stranger.pid, startTime: '1' }));
      expect(await findRunning(stateDir, 'sleeper')).toBeUndefined();
      expect(await stopRunning(stateDir, 'sleeper')).toBe(false);
      expect(await inspectProcess(stranger.pid ?? 0)).toBeDefined();
      writeFileSync(recordFile(), JSON.stringify({ ...sleeper(), ...own }));
    } finally {
      stranger.kill('SIGKILL');
    }
  });

  it.runIf(process.platform === 'linux')(
    'finds a component again if the command that started it was killed before it recorded the pid',
    async () => {
      await ensureRunning(stateDir, sleeper());
      const { pid } = readRecord();
      writeFileSync(recordFile(), JSON.stringify(sleeper()));
      expect((await findRunning(stateDir, 'sleeper'))?.pid).toBe(pid);
      expect(readRecord().pid).toBe(pid);
    },
  );

  it('pauses a component, and continues it when it is started again', async () => {
    await ensureRunning(stateDir, sleeper());
    await pauseRunning(stateDir, 'sleeper');
    expect((await findRunning(stateDir, 'sleeper'))?.state).toMatch(/^T/);
    expect(await ensureRunning(stateDir, sleeper())).toBe('kept');
    expect((await findRunning(stateDir, 'sleeper'))?.state).not.toMatch(/^T/);
  });

  it('stops a component that is paused', async () => {
    await ensureRunning(stateDir, sleeper());
    await pauseRunning(stateDir, 'sleeper');
    expect(await stopRunning(stateDir, 'sleeper')).toBe(true);
    expect(await findRunning(stateDir, 'sleeper')).toBeUndefined();
    expect(await stopRunning(stateDir, 'sleeper')).toBe(false);
  });

  it('reports the end of the log if a component ends instead of becoming ready', async () => {
    await ensureRunning(stateDir, sleeper('console.log("no disk left"); process.exit(3)'));
    const wait = waitReady(stateDir, 'sleeper', async () => false, 20_000);
    await expect(wait).rejects.toThrow(/sleeper ended right after its start[\s\S]*no disk left/);
  });
});
