import { layoutOf } from '../../../dev/native/layout.ts';
import { startComponent, stopComponent } from '../../../dev/stack.ts';
import { readState } from '../../../dev/state.ts';
import { command, stack, until } from '../harness.ts';

/**
 * Makes containerd lose a container as if it had lost its data. The kubelet must be stopped, because containerd would
 * report the container's end to it. Containerd is restarted, because it remembers the container until then.
 * @param containerId as in a pod's status: `containerd://…`
 */
export async function forgetContainer(containerId: string): Promise<void> {
  const state = readState(stack.stateDir);
  if (state === undefined) throw new Error('this test needs a native cluster');
  const { containerdSocket } = layoutOf(stack.stateDir, state);
  const id = containerId.replace('containerd://', '');
  const ctr = (...args: string[]) => command('ctr', ['--address', containerdSocket, '--namespace', 'k8s.io', ...args]);
  await ctr('tasks', 'kill', '--signal', 'SIGKILL', id);
  // Containerd removes the task by itself, and the container cannot be deleted before that.
  await until('the container is forgotten', async () => (await ctr('containers', 'delete', id)) !== undefined, 30);
  await stopComponent(stack, 'containerd');
  await startComponent(stack, 'containerd');
}
