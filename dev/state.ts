// The state of a stack between commands (stack.json), and its slot on the machine.
//
// Everything that is shared on a machine (ports, bridges, subnets, /run directories, cgroups) is derived from the slot,
// so that two stacks never collide. One file lists the holder of each slot. A stack keeps its slot until `down`.
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { DevError } from './errors.ts';
import { removeTree, writeAtomically } from './files.ts';
import { withLock } from './lock.ts';
import type { Ports } from './ports.ts';
import type { ClusterChoice, Stack, StackOptions } from './types.ts';

const DEFAULT_NAME = 'proctor';
export const SLOTS = 16;

export interface StackState {
  version: 1;
  name: string;
  slot: number;
  portBase: number;
  ports: Ports;
  cluster: Exclude<ClusterChoice, 'auto'>;
  temporalDbFile: boolean;
  /** Set once everything was ready. */
  stack?: Stack;
}

function stateHome(): string {
  return join(process.env.XDG_STATE_HOME || join(homedir(), '.local', 'state'), 'proctor');
}

/** The name and the state directory that the options or the environment give. */
export function locate(options: StackOptions): { name: string; stateDir: string } {
  const name = options.name ?? process.env.PROCTOR_STACK ?? DEFAULT_NAME;
  if (!/^[a-z0-9]([a-z0-9-]{0,28}[a-z0-9])?$/.test(name)) {
    throw new DevError(`"${name}" cannot be the name of a stack: use at most 30 lower case letters, digits and dashes`);
  }
  const given = options.stateDir ?? process.env.PROCTOR_STATE_DIR;
  return { name, stateDir: given ? resolve(given) : join(stateHome(), name) };
}

function statePath(stateDir: string): string {
  return join(stateDir, 'stack.json');
}

export function readState(stateDir: string): StackState | undefined {
  try {
    return JSON.parse(readFileSync(statePath(stateDir), 'utf8')) as StackState;
  } catch {
    return undefined;
  }
}

export function writeState(stateDir: string, state: StackState): void {
  writeAtomically(statePath(stateDir), `${JSON.stringify(state, undefined, 2)}\n`);
}

/** For each slot, the state directory of the stack that holds it. */
type SlotTable = Record<string, string>;

function readSlots(path: string): SlotTable {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as SlotTable) : {};
}

/**
 * Gives the stack a free slot, and writes the state that `record` returns before another stack can claim a slot.
 * @throws DevError if all slots are taken.
 */
export async function claimSlot(
  name: string,
  stateDir: string,
  record: (slot: number) => Promise<StackState>,
): Promise<StackState> {
  const path = join(stateHome(), 'slots.json');
  return withLock(path, async () => {
    const table = readSlots(path);
    // A slot is free if its holder's state directory is gone, even if `down` never ran.
    const isHeld = (slot: number): boolean => {
      const holder = table[slot];
      return holder !== undefined && holder !== stateDir && readState(holder)?.slot === slot;
    };
    // The first slot has Temporal's default ports, so only the stack with the default name gets it.
    const candidates = [...Array(SLOTS).keys()].filter((slot) => slot > 0 || name === DEFAULT_NAME);
    const slot = candidates.find((candidate) => !isHeld(candidate));
    if (slot === undefined) {
      throw new DevError(
        `all ${SLOTS} slots for stacks are taken, so take one stack down: ${Object.values(table).join(', ')}`,
      );
    }
    writeAtomically(path, `${JSON.stringify({ ...table, [slot]: stateDir }, undefined, 2)}\n`);
    const state = await record(slot);
    writeState(stateDir, state);
    return state;
  });
}

/** Releases the slot. To be called only after everything was removed, so that no other stack collides with the rest. */
export async function releaseSlot(stateDir: string): Promise<void> {
  const path = join(stateHome(), 'slots.json');
  await withLock(path, async () => {
    const rest = Object.entries(readSlots(path)).filter(([, holder]) => holder !== stateDir);
    writeAtomically(path, `${JSON.stringify(Object.fromEntries(rest), undefined, 2)}\n`);
    removeTree(statePath(stateDir));
  });
}
