import { type ComponentName, startComponent, stopComponent } from '../../../dev/stack.ts';
import { type Fault, repeatedly } from '../fault.ts';

/** How long each component is down: shorter than the grace of a node that does not report. */
const DOWN_MS = 4_000;

function broken(name: string, component: ComponentName, signal: 'SIGTERM' | 'SIGKILL'): Fault {
  return {
    name,
    inject: (scene, times) =>
      repeatedly(scene, times, async () => {
        // A random delay, so that the fault does not always hit the same moment of a run.
        await scene.pass(1_000 + Math.random() * 3_000);
        if (scene.isOver) return false;
        const { stack } = scene.stage;
        await stopComponent(stack, component, signal);
        await scene.pass(DOWN_MS);
        await startComponent(stack, component);
        return true;
      }),
  };
}

export const COMPONENTS = {
  temporal: broken('Temporal server stopped and started again', 'temporal', 'SIGTERM'),
  temporalKilled: broken('Temporal server killed and started again', 'temporal', 'SIGKILL'),
  apiServer: broken('API server killed and started again', 'kube-apiserver', 'SIGKILL'),
  etcd: broken('etcd killed and started again', 'etcd', 'SIGKILL'),
  kubelet: broken('kubelet killed and started again', 'kubelet', 'SIGKILL'),
  containerd: broken('containerd killed and started again', 'containerd', 'SIGKILL'),
  controllerManager: broken('controller manager killed and started again', 'kube-controller-manager', 'SIGKILL'),
  scheduler: broken('scheduler killed and started again', 'kube-scheduler', 'SIGKILL'),
};
