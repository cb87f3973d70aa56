// The network of the pods: one bridge, and a few iptables rules with the stack's mark.
import { readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DevError } from '../errors.ts';
import { findCommand, run, tryRun } from '../exec.ts';
import type { Layout } from './layout.ts';

function tool(name: string): string {
  return findCommand(name) ?? name;
}

const ip = (...args: string[]): Promise<string> => run(tool('ip'), args);

export async function ensureNetwork(layout: Layout): Promise<void> {
  await refuseOverlap(layout);
  if (!(await hasBridge(layout))) await ip('link', 'add', layout.id, 'type', 'bridge');
  const { stdout } = await tryRun(tool('ip'), ['-o', '-4', 'addr', 'show', 'dev', layout.id]);
  if (!stdout.includes(` ${layout.nodeIp}/`)) await ip('addr', 'add', `${layout.nodeIp}/16`, 'dev', layout.id);
  await ip('link', 'set', layout.id, 'up');
  // Container engines do this too. `down` does not turn it off.
  writeFileSync('/proc/sys/net/ipv4/ip_forward', '1');
  const present = await ownRules(layout.id);
  for (const { table, rule } of rulesOf(layout)) {
    if ((await tryRun(tool('iptables'), ['-w', '-t', table, '-C', ...rule])).code === 0) continue;
    await run(tool('iptables'), ['-w', '-t', table, '-A', ...rule]);
  }
  // An old rule with other ports comes first, so it would win.
  for (const old of present) if (!isWanted(old, layout)) await deleteRule(old);
}

async function hasBridge(layout: Layout): Promise<boolean> {
  return (await tryRun(tool('ip'), ['link', 'show', layout.id])).code === 0;
}

/** @throws DevError if another interface is in the pods' subnet, since it would receive their traffic. */
async function refuseOverlap(layout: Layout): Promise<void> {
  const prefix = layout.podSubnet.split('.', 2).join('.');
  for (const line of (await ip('-o', '-4', 'addr', 'show')).split('\n')) {
    const [, device, , address] = line.split(/\s+/);
    if (address?.startsWith(`${prefix}.`) && device !== layout.id) {
      throw new DevError(
        `interface ${device} has ${address}, which is in the pods' subnet ${layout.podSubnet}: use another --name`,
      );
    }
  }
}

interface Rule {
  table: string;
  rule: string[];
}

function rulesOf({ id, serviceIp, nodeIp, podSubnet, ports }: Layout): Rule[] {
  const mark = ['-m', 'comment', '--comment', id];
  const toServer = ['--to-destination', `${nodeIp}:${ports.apiServer}`];
  return [
    // Pods reach the API server at the address of its Service. Nothing else of kube-proxy is needed.
    {
      table: 'nat',
      rule: ['PREROUTING', '-d', `${serviceIp}/32`, '-p', 'tcp', '--dport', '443', ...mark, '-j', 'DNAT', ...toServer],
    },
    { table: 'nat', rule: ['POSTROUTING', '-s', podSubnet, '!', '-d', podSubnet, ...mark, '-j', 'MASQUERADE'] },
    // A container engine on the same machine may drop all other forwarded packets.
    { table: 'filter', rule: ['FORWARD', '-i', id, ...mark, '-j', 'ACCEPT'] },
    { table: 'filter', rule: ['FORWARD', '-o', id, ...mark, '-j', 'ACCEPT'] },
  ];
}

/** The rules that carry the mark, as `iptables-save` prints them. */
async function ownRules(id: string): Promise<Rule[]> {
  const { stdout } = await tryRun(tool('iptables-save'), []);
  return parseRules(stdout, id);
}

export function parseRules(saved: string, id: string): Rule[] {
  const rules: Rule[] = [];
  let table = '';
  for (const line of saved.split('\n')) {
    if (line.startsWith('*')) table = line.slice(1).trim();
    const words = line.split(' ');
    if (words[0] === '-A' && words[words.indexOf('--comment') + 1] === id) rules.push({ table, rule: words.slice(1) });
  }
  return rules;
}

function isWanted({ rule }: Rule, layout: Layout): boolean {
  const target = rule.indexOf('--to-destination');
  return target < 0 || rule[target + 1] === `${layout.nodeIp}:${layout.ports.apiServer}`;
}

async function deleteRule({ table, rule }: Rule): Promise<void> {
  await tryRun(tool('iptables'), ['-w', '-t', table, '-D', ...rule]);
}

/** Removes the bridge, the pods' interfaces on it and the rules. */
export async function removeNetwork({ id }: Layout): Promise<void> {
  for (const rule of await ownRules(id)) await deleteRule(rule);
  for (const device of bridgePorts(id)) await tryRun(tool('ip'), ['link', 'delete', device]);
  await tryRun(tool('ip'), ['link', 'delete', id]);
  forgetCniResults(id);
}

function bridgePorts(bridge: string): string[] {
  try {
    return readdirSync(`/sys/class/net/${bridge}/brif`);
  } catch {
    return [];
  }
}

const CNI_RESULTS = '/var/lib/cni/results';

/** Removes the files of the CNI library, which records each pod's network in one folder for the whole machine. */
function forgetCniResults(id: string): void {
  try {
    for (const file of readdirSync(CNI_RESULTS)) {
      const sandbox = new RegExp(`^${id}-(.+)-eth0$`).exec(file)?.[1];
      if (!sandbox) continue;
      for (const result of [file, `cni-loopback-${sandbox}-lo`]) rmSync(join(CNI_RESULTS, result), { force: true });
    }
    rmdirSync(CNI_RESULTS);
    rmdirSync('/var/lib/cni');
  } catch {
    // The folder is missing, or files of other networks are in it.
  }
}

/** What is left of the network, for a person to read. */
export async function networkRemains({ id }: Layout): Promise<string[]> {
  const bridges = readdirSync('/sys/class/net').filter((device) => device === id);
  const rules = await ownRules(id);
  return [
    ...bridges.map((device) => `network interface ${device}`),
    ...rules.map(({ table, rule }) => `iptables rule -t ${table} -A ${rule.join(' ')}`),
  ];
}
