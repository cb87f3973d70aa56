// Temporal's development server with its Web UI, as one process.
import { join } from 'node:path';
import { type Component, waitReady } from './components.ts';
import { tryRun } from './exec.ts';
import type { Ports } from './ports.ts';

export const TEMPORAL_NAMESPACE = 'default';
const READY_TIMEOUT_MS = 60_000;

export function temporalComponent(stateDir: string, ports: Ports, cli: string, dbFile: boolean): Component {
  return {
    name: 'temporal',
    command: cli,
    args: [
      ...['server', 'start-dev', '--ip', '127.0.0.1', '--namespace', TEMPORAL_NAMESPACE],
      ...['--port', String(ports.temporal), '--ui-port', String(ports.temporalUi)],
      ...['--http-port', String(ports.temporalHttp), '--metrics-port', String(ports.temporalMetrics)],
      // In memory by default: with a file the server is five to ten times slower.
      ...(dbFile ? ['--db-filename', join(stateDir, 'temporal.db')] : []),
    ],
    cwd: stateDir,
    log: join(stateDir, 'log', 'temporal.log'),
  };
}

async function isTemporalServing(cli: string, port: number): Promise<boolean> {
  const health = ['operator', 'cluster', 'health', '--address', `127.0.0.1:${port}`, '--command-timeout', '5s'];
  // Without the user's own settings, which are for another server.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('TEMPORAL_')));
  const { code, stdout } = await tryRun(cli, health, { env, timeoutMs: 10_000 });
  return code === 0 && stdout.includes('SERVING');
}

export async function waitForTemporal(stateDir: string, ports: Ports, cli: string): Promise<void> {
  await waitReady(stateDir, 'temporal', () => isTemporalServing(cli, ports.temporal), READY_TIMEOUT_MS);
}
