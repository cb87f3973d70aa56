import { defineSignal } from '@temporalio/workflow';

/**
 * Tells a run that the pod of one of its validators has begun or ceased to wait for room: for free capacity on nodes
 * where pods of the same run hold it.
 */
export interface RoomChange {
  validator: string;
  waits: boolean;
}

export const roomSignal = defineSignal<[RoomChange]>('room');
