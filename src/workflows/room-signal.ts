import { defineSignal } from '@temporalio/workflow';

/**
 * Reports to a run that the pod of one of its validators has started or stopped waiting for room. Room is free capacity
 * on nodes; a pod waits for room only if other pods of the same run hold the capacity that it needs.
 */
export interface RoomChange {
  validator: string;
  waits: boolean;
}

export const roomSignal = defineSignal<[RoomChange]>('room');
