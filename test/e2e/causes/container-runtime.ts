import { layoutOf } from '../../../dev/native/layout.ts';
import { startComponent, stopComponent } from '../../../dev/stack.ts';
import { readState } from '../../../dev/state.ts';
import { command, stack, until } from '../harness.ts';

/**
 * Takes a container from its runtime behind the kubelet's back, as a runtime that lost its data would. The kubelet has to be stopped: containerd
 * tells it of the container's end otherwise, and goes on knowing the container itself until it is started anew.
 * @param containerId as a pod's status has it: `containerd://…`
 */
export async function forgetContainer(containerId: string): Promise<void> {
  const state = readState(stack.stateDir);
  if (state === undefined) throw new Error('this test needs a native cluster');
  const { containerdSocket } = layoutOf(stack.stateDir, state);
  const id = containerId.replace('containerd://', '');
  const ctr = (...args: string[]) => command('ctr', ['--address', containerdSocket, '--namespace', 'k8s.io', ...args]);
  await ctr('tasks', 'kill', '--signal', 'SIGKILL', id);
  // Containerd takes the task away by itself, and the container cannot go before that.
  await until('the container is forgotten', async () => (await ctr('containers', 'delete', id)) !== undefined, 30);
  await stopComponent(stack, 'containerd');
  await startComponent(stack, 'containerd');
}
