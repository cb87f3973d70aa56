import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';

/**
 * Do the work withTimeout a bound: what is still under way when it is over is cancelled, and rejects. Like `CancellationScope.withTimeout`, but its
 * timer says in the Web UI's timeline what it is for.
 */
export function withTimeout<T>(bound: string | number, summary: string, work: () => Promise<T>): Promise<T> {
  return CancellationScope.cancellable(async () => {
    const scope = CancellationScope.current();
    const timer = new CancellationScope();
    timer
      .run(() => sleep(bound, { summary }))
      .then(
        () => scope.cancel(),
        (error: unknown) => {
          if (!isCancellation(error)) throw error;
        },
      );
    try {
      return await work();
    } finally {
      timer.cancel();
    }
  });
}
