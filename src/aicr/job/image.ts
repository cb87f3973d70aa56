/**
 * Image references (AICR's `catalog.ResolveImage`, `v1.ImagePullPolicy` and `catalog.IsImmutableRef`; docs/contract.md,
 * section 11).
 */
import { TRUSTED_VALIDATOR_REPO_PREFIX } from '../constants.ts';

export interface ImageRules {
  version: string;
  commit: string;
  tagOverride: string;
  registryOverride: string;
}

const LATEST = ':latest';
const RELEASE = /^v?[0-9]+\.[0-9]+\.[0-9]+(-[A-Za-z0-9.]+)?$/;

/** The image to run: the version or the commit replaces `:latest`, and then the overrides apply. */
export function resolveImage(image: string, rules: ImageRules): string {
  let resolved = image;
  if (isReleaseVersion(rules.version)) {
    resolved = replaceLatest(resolved, rules.version.startsWith('v') ? rules.version : `v${rules.version}`);
  } else if (isCommit(rules.commit.toLowerCase())) {
    resolved = replaceLatest(resolved, `sha-${rules.commit.toLowerCase()}`);
  }
  if (rules.tagOverride !== '') resolved = replaceTag(resolved, rules.tagOverride);
  if (rules.registryOverride !== '') resolved = replaceRegistry(resolved, rules.registryOverride);
  return resolved;
}

/** A version that ends in a lower-case `-next` is not a release: no image is published under it. */
function isReleaseVersion(version: string): boolean {
  return RELEASE.test(version) && !version.endsWith('-next');
}

function isCommit(commit: string): boolean {
  return /^[0-9a-f]{7,40}$/.test(commit);
}

function replaceLatest(image: string, tag: string): string {
  return image.endsWith(LATEST) ? `${image.slice(0, -LATEST.length)}:${tag}` : image;
}

/** Leaves a reference with a digest unchanged. A colon before the last slash precedes a port, not a tag. */
function replaceTag(image: string, tag: string): string {
  if (image.includes('@')) return image;
  const colon = image.lastIndexOf(':');
  return colon > image.lastIndexOf('/') ? `${image.slice(0, colon)}:${tag}` : `${image}:${tag}`;
}

/**
 * Replaces the first two parts of the path, or the first of two. A reference of one part has no registry to replace.
 */
function replaceRegistry(image: string, registry: string): string {
  const parts = image.split('/');
  if (parts.length === 1) return image;
  return `${registry}/${parts.slice(parts.length === 2 ? 1 : 2).join('/')}`;
}

export type PullPolicy = 'Always' | 'IfNotPresent' | 'Never';

/** Never for side-loaded images, IfNotPresent for pinned ones, Always if the tag may have moved. */
export function imagePullPolicy(image: string, tagOverride: string): PullPolicy {
  if (image.startsWith('ko.local/') || image.startsWith('kind.local/')) return 'Never';
  if (image.includes('@')) return 'IfNotPresent';
  return tagOverride !== '' || image.endsWith(LATEST) ? 'Always' : 'IfNotPresent';
}

const IMMUTABLE_TAG =
  /^(v(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(-[A-Za-z0-9.]+)?|sha-[0-9a-f]{40}|uat-[0-9]+)$/;
const DIGEST = /^(sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$/;

/** Whether the reference always names the same content: a digest, or a tag that AICR's releases never move. */
export function isImmutableRef(image: string): boolean {
  const at = image.lastIndexOf('@');
  if (at >= 0) return at > 0 && DIGEST.test(image.slice(at + 1));
  if (!image.startsWith(TRUSTED_VALIDATOR_REPO_PREFIX)) return false;
  const colon = image.lastIndexOf(':');
  const tag = colon > image.lastIndexOf('/') ? image.slice(colon + 1) : '';
  return IMMUTABLE_TAG.test(tag) && !tag.endsWith('-next');
}
