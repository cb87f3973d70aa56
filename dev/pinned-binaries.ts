// The binaries of the local stack: the version of each, which other versions can be used instead, where to download it,
// and how to build it from Go modules.
import type { Download } from './download.ts';
import type { GoBuild } from './go-build.ts';

const ETCD = '3.6.16';
const KUBERNETES = '1.34.4';
// The newest version that builds as a module: later ones replace one of their own modules with a local folder.
const TEMPORAL_CLI = '1.5.1';
/** The production server, for benchmarks. The CLI contains this version. */
const TEMPORAL_SERVER = '1.29.1';
const KWOK = '0.7.0';

export interface Platform {
  os: 'linux' | 'darwin';
  arch: 'amd64' | 'arm64';
}

interface Binary {
  /** The version that is downloaded or built. */
  version: string;
  /** Arguments that make the binary print its version. */
  versionArgs: string[];
  /** Whether a binary on PATH that prints this as its version can be used instead. */
  isUsable(versionOutput: string): boolean;
  download(platform: Platform): Download;
  build: GoBuild;
}

const etcdBuild: GoBuild = {
  group: 'etcd',
  module: 'go.etcd.io/etcd/server/v3',
  version: `v${ETCD}`,
  packages: { etcd: 'go.etcd.io/etcd/server/v3' },
};

const temporalBuild: GoBuild = {
  group: 'temporal',
  module: 'github.com/temporalio/cli',
  version: `v${TEMPORAL_CLI}`,
  linkVariables: { 'github.com/temporalio/cli/temporalcli.Version': TEMPORAL_CLI },
  packages: { temporal: 'github.com/temporalio/cli/cmd/temporal' },
};

const temporalServerBuild: GoBuild = {
  group: 'temporal-server',
  module: 'go.temporal.io/server',
  version: `v${TEMPORAL_SERVER}`,
  packages: {
    'temporal-server': 'go.temporal.io/server/cmd/server',
    'temporal-sql-tool': 'go.temporal.io/server/cmd/tools/sql',
  },
};

const kwokBuild: GoBuild = {
  group: 'kwok',
  module: 'sigs.k8s.io/kwok',
  version: `v${KWOK}`,
  linkVariables: { 'sigs.k8s.io/kwok/pkg/consts.Version': `v${KWOK}` },
  packages: { kwok: 'sigs.k8s.io/kwok/cmd/kwok' },
};

const versionPackage = 'k8s.io/component-base/version';
const kubernetesBuild: GoBuild = {
  group: 'kubernetes',
  module: 'k8s.io/kubernetes',
  version: `v${KUBERNETES}`,
  // Kubernetes replaces its staging modules with local folders, which its module zip does not contain. Each is replaced
  // with the version that was published for the release.
  stagingVersion: `v0.${KUBERNETES.slice(2)}`,
  godebug: 'go1.24',
  linkVariables: {
    [`${versionPackage}.gitVersion`]: `v${KUBERNETES}`,
    [`${versionPackage}.gitMajor`]: '1',
    [`${versionPackage}.gitMinor`]: '34',
    [`${versionPackage}.gitTreeState`]: 'clean',
    [`${versionPackage}.gitCommit`]: 'module',
    [`${versionPackage}.buildDate`]: '2026-01-01T00:00:00Z',
  },
  packages: {
    'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
    'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
    'kube-scheduler': 'k8s.io/kubernetes/cmd/kube-scheduler',
    kubelet: 'k8s.io/kubernetes/cmd/kubelet',
    kubectl: 'k8s.io/kubernetes/cmd/kubectl',
  },
};

function kubernetesBinary(name: string, versionArgs: string[], usable: RegExp): Binary {
  return {
    version: KUBERNETES,
    versionArgs,
    isUsable: (output) => usable.test(output),
    download: ({ os, arch }) => {
      const url = `https://dl.k8s.io/release/v${KUBERNETES}/bin/${os}/${arch}/${name}`;
      return { url, checksums: `${url}.sha256` };
    },
    build: kubernetesBuild,
  };
}

function temporalServerBinary(name: string): Binary {
  return {
    version: TEMPORAL_SERVER,
    versionArgs: ['--version'],
    // The server runs only with the schema of its own version.
    isUsable: (output) => output.includes(TEMPORAL_SERVER),
    download: ({ os, arch }) => {
      const release = `https://github.com/temporalio/temporal/releases/download/v${TEMPORAL_SERVER}`;
      const url = `${release}/temporal_${TEMPORAL_SERVER}_${os}_${arch}.tar.gz`;
      return { url, checksums: `${release}/checksums.txt`, member: name };
    },
    build: temporalServerBuild,
  };
}

/** All components of a cluster must have the same minor version. kubectl may differ by one. */
const SAME_MINOR = /^Kubernetes v1\.34\./;

export const BINARIES = {
  temporal: {
    version: TEMPORAL_CLI,
    versionArgs: ['--version'],
    isUsable: (output) => Number(/Server 1\.(\d+)\./.exec(output)?.[1] ?? 0) >= 29,
    download: ({ os, arch }) => {
      const release = `https://github.com/temporalio/cli/releases/download/v${TEMPORAL_CLI}`;
      const url = `${release}/temporal_cli_${TEMPORAL_CLI}_${os}_${arch}.tar.gz`;
      return { url, checksums: `${release}/checksums.txt`, member: 'temporal' };
    },
    build: temporalBuild,
  },
  etcd: {
    version: ETCD,
    versionArgs: ['--version'],
    // etcd 3.4, which Debian 12 has, lacks what the watch of Kubernetes 1.34 needs.
    isUsable: (output) => /^etcd Version: 3\.6\./.test(output),
    download: ({ os, arch }) => {
      const release = `https://github.com/etcd-io/etcd/releases/download/v${ETCD}`;
      const folder = `etcd-v${ETCD}-${os}-${arch}`;
      return { url: `${release}/${folder}.tar.gz`, checksums: `${release}/SHA256SUMS`, member: `${folder}/etcd` };
    },
    build: etcdBuild,
  },
  'kube-apiserver': kubernetesBinary('kube-apiserver', ['--version'], SAME_MINOR),
  'kube-controller-manager': kubernetesBinary('kube-controller-manager', ['--version'], SAME_MINOR),
  'kube-scheduler': kubernetesBinary('kube-scheduler', ['--version'], SAME_MINOR),
  kubelet: kubernetesBinary('kubelet', ['--version'], SAME_MINOR),
  kubectl: kubernetesBinary('kubectl', ['version', '--client'], /^Client Version: v1\.3[345]\./),
  'temporal-server': temporalServerBinary('temporal-server'),
  'temporal-sql-tool': temporalServerBinary('temporal-sql-tool'),
  kwok: {
    version: KWOK,
    versionArgs: ['--version'],
    isUsable: (output) => /\bv0\.7\./.test(output),
    download: ({ os, arch }) => {
      const url = `https://github.com/kubernetes-sigs/kwok/releases/download/v${KWOK}/kwok-${os}-${arch}`;
      return { url, checksums: `${url}.sha256` };
    },
    build: kwokBuild,
  },
} satisfies Record<string, Binary>;

export type BinaryName = keyof typeof BINARIES;
