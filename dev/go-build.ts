// Builds binaries from published Go modules, for a machine that can reach a module proxy but no official downloads.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DevError } from './errors.ts';
import { findCommand, indent, lastLines, run, tryRun } from './exec.ts';
import { removeTree } from './files.ts';
import type { Log } from './types.ts';

export interface GoBuild {
  /** The module's name in locks, build folders and messages. */
  group: string;
  module: string;
  version: string;
  /** The package of each binary. */
  packages: Record<string, string>;
  /** The published version of the modules that this module replaces with `./staging/…`. */
  stagingVersion?: string;
  godebug?: string;
  /** Values of Go variables, set by the linker. */
  linkVariables?: Record<string, string>;
}

export interface GoBuildOptions {
  log: Log;
  platform: { os: string; arch: string };
  cacheDir: string;
}

const PROGRESS_MS = 10_000;
const OLDEST_GO = [1, 24] as const;

/**
 * Builds binaries of one module together, so that shared packages are compiled once.
 * @param targets the path of each binary.
 */
export async function goBuild(
  build: GoBuild,
  targets: Record<string, string>,
  { log, platform, cacheDir }: GoBuildOptions,
): Promise<void> {
  const { go, version } = await findGo();
  const names = Object.keys(targets);
  const folder = freshFolder(cacheDir, build.group);
  const env = {
    ...process.env,
    GOFLAGS: '-mod=mod -buildvcs=false',
    GOWORK: 'off',
    CGO_ENABLED: '0',
    GOOS: platform.os,
    GOARCH: platform.arch,
  };
  try {
    log(`  building ${names.join(', ')} from ${build.module} ${build.version}; the first time this takes minutes`);
    writeFileSync(join(folder, 'go.mod'), await goMod(go, build, version, folder));
    mkdirSync(join(folder, 'bin'));
    const packages = names.map((name) => build.packages[name] ?? '');
    const args = ['build', '-v', '-ldflags', linkerFlags(build), '-o', `${join(folder, 'bin')}/`, ...packages];
    await withProgress(build, log, (onErrorLine) => tryRun(go, args, { cwd: folder, env, onErrorLine }));
    for (const [name, target] of Object.entries(targets)) {
      renameSync(join(folder, 'bin', outputName(build.packages[name] ?? '')), target);
    }
  } finally {
    removeTree(folder);
  }
}

/** Go names a binary after the last part of its package's path that is not a version. */
export function outputName(packagePath: string): string {
  return basename(packagePath.replace(/\/v\d+$/, ''));
}

async function findGo(): Promise<{ go: string; version: string }> {
  const wanted = OLDEST_GO.join('.');
  const go = findCommand('go') ?? findCommandIn('/usr/local/go/bin');
  if (!go) throw new DevError(`Go is missing. Install Go ${wanted} or newer and try again.`);
  const found = (await run(go, ['env', 'GOVERSION'])).trim();
  const [, major = '0', minor = '0'] = /^go(\d+)\.(\d+)/.exec(found) ?? [];
  if (Number(major) === OLDEST_GO[0] && Number(minor) < OLDEST_GO[1]) {
    throw new DevError(`${go} is ${found}, which is too old. Install Go ${wanted} or newer and try again.`);
  }
  return { go, version: found.replace(/^go/, '').replace(/[ -].*$/, '') };
}

function findCommandIn(folder: string): string | undefined {
  try {
    return readdirSync(folder).includes('go') ? join(folder, 'go') : undefined;
  } catch {
    return undefined;
  }
}

/** Creates a folder for one build, and removes those of killed builds. The caller must hold the group's lock. */
function freshFolder(cacheDir: string, group: string): string {
  const parent = join(cacheDir, 'tmp');
  mkdirSync(parent, { recursive: true });
  const prefix = `${group}-`;
  for (const entry of readdirSync(parent)) if (entry.startsWith(prefix)) removeTree(join(parent, entry));
  return mkdtempSync(join(parent, prefix));
}

async function goMod(go: string, build: GoBuild, goVersion: string, folder: string): Promise<string> {
  const replacements = build.stagingVersion ? await stagingReplacements(go, build, folder) : [];
  return [
    `module local/${build.group}`,
    `go ${goVersion}`,
    build.godebug ? `godebug default=${build.godebug}` : '',
    `require ${build.module} ${build.version}`,
    ...replacements,
    '',
  ].join('\n');
}

async function stagingReplacements(go: string, build: GoBuild, folder: string): Promise<string[]> {
  const output = await run(go, ['mod', 'download', '-json', `${build.module}@${build.version}`], { cwd: folder });
  const { GoMod: file } = JSON.parse(output) as { GoMod: string };
  return stagingModules(readFileSync(file, 'utf8')).map((name) => `replace ${name} => ${name} ${build.stagingVersion}`);
}

/** The modules that a go.mod replaces with folders of its own repository. */
export function stagingModules(goModText: string): string[] {
  return [...goModText.matchAll(/^\s*(?:replace\s+)?(\S+)\s+=>\s+\.\/staging\//gm)].map((match) => match[1] ?? '');
}

function linkerFlags(build: GoBuild): string {
  const variables = Object.entries(build.linkVariables ?? {}).map(([name, value]) => `-X ${name}=${value}`);
  return ['-s', '-w', ...variables].join(' ');
}

/**
 * Logs the progress of a build every ten seconds.
 * @throws DevError with the end of its output if it fails.
 */
async function withProgress(
  build: GoBuild,
  log: Log,
  work: (onLine: (line: string) => void) => Promise<{ code: number; stderr: string }>,
): Promise<void> {
  const started = Date.now();
  let modules = 0;
  let packages = 0;
  let latest = '';
  const timer = setInterval(() => {
    const seconds = Math.round((Date.now() - started) / 1000);
    log(`  ${build.group}: ${seconds} s, ${modules} modules fetched, ${packages} packages compiled ${latest}`);
  }, PROGRESS_MS);
  try {
    const { code, stderr } = await work((line) => {
      if (line.startsWith('go: downloading ')) modules += 1;
      else if (/^\S+$/.test(line)) {
        packages += 1;
        latest = `(${line})`;
      }
    });
    if (code !== 0) throw new DevError(`go build failed:\n${indent(lastLines(stderr, 20))}`);
    log(`  ${build.group}: built in ${Math.round((Date.now() - started) / 1000)} s`);
  } finally {
    clearInterval(timer);
  }
}
