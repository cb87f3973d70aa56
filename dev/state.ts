// What a stack remembers between commands (stack.json), and which slot of the machine it holds.
//
// Whatever exists once on a machine (ports, bridge, subnets, /run directory, cgroup) is derived from the slot, so stacks cannot
// meet. Slots are handed out in one small registry; a name keeps its slot until `down`.
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
  /** Set when everything was ready once. */
  stack?: Stack;
}

function stateHome(): string {
  return join(process.env.XDG_STATE_HOME || join(homedir(), '.local', 'state'), 'proctor');
}

export function locate(options: StackOptions): { name: string; stateDir: string } {
  const name = options.name ?? process.env.PROCTOR_STACK ?? DEFAULT_NAME;
  if (!/^[a-z0-9]([a-z0-9-]{0,28}[a-z0-9])?$/.test(name)) {
    throw new DevError(`"${name}" is no name for a stack: lower case letters, digits and dashes, at most 30`);
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

type SlotTable = Record<string, string>;

function readSlots(path: string): SlotTable {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as SlotTable) : {};
}

/** Gives the stack a slot, and lets the caller write the stack's state before anybody else is given one. */
export async function claimSlot(
  name: string,
  stateDir: string,
  record: (slot: number) => Promise<StackState>,
): Promise<StackState> {
  const path = join(stateHome(), 'slots.json');
  return withLock(path, async () => {
    const table = readSlots(path);
    // A slot counts as held while the state it points at says so.
    const isHeld = (slot: number): boolean => {
      const holder = table[slot];
      return holder !== undefined && holder !== stateDir && readState(holder)?.slot === slot;
    };
    // The first slot has Temporal's usual ports, so it is kept for the stack that everybody means.
    const candidates = [...Array(SLOTS).keys()].filter((slot) => slot > 0 || name === DEFAULT_NAME);
    const slot = candidates.find((candidate) => !isHeld(candidate));
    if (slot === undefined) {
      throw new DevError(`all ${SLOTS} slots for stacks are taken: ${Object.values(table).join(', ')}`);
    }
    writeAtomically(path, `${JSON.stringify({ ...table, [slot]: stateDir }, undefined, 2)}\n`);
    const state = await record(slot);
    writeState(stateDir, state);
    return state;
  });
}

/** Gives the slot back; what cannot be removed keeps it, so that no other stack runs into the remains. */
export async function releaseSlot(stateDir: string): Promise<void> {
  const path = join(stateHome(), 'slots.json');
  await withLock(path, async () => {
    const rest = Object.entries(readSlots(path)).filter(([, holder]) => holder !== stateDir);
    writeAtomically(path, `${JSON.stringify(Object.fromEntries(rest), undefined, 2)}\n`);
    removeTree(statePath(stateDir));
  });
}
