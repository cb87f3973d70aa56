import { defineSignal } from '@temporalio/workflow';

/** A validator tells its run that its pod waits for room that its siblings hold, or does so no longer. */
export interface Room {
  validator: string;
  waits: boolean;
}

export const roomSignal = defineSignal<[Room]>('room');
