import { condition } from '@temporalio/workflow';
import type { RoomChange } from './room-signal.ts';

/**
 * The validators of a run whose pods wait for room, as {@link roomSignal} reports them. While there are any, the run
 * starts no other validator: its pod would only wait too, while its Job's deadline runs.
 */
export class RoomQueue {
  readonly #waiting = new Set<string>();

  update({ validator, waits }: RoomChange): void {
    if (waits) this.#waiting.add(validator);
    else this.#waiting.delete(validator);
  }

  /** A validator that has ended no longer waits, even if its last signal says so. */
  remove(validator: string): void {
    this.#waiting.delete(validator);
  }

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  /** Resolves when no validator waits for room, or when the current scope is cancelled. */
  async untilEmpty(): Promise<void> {
    await condition(() => this.isEmpty).catch(() => undefined);
  }
}
