import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { imagePullPolicy, isImmutableRef, resolveImage } from '../../../src/aicr/job/image.ts';

describe('an image', () => {
  const rules = { version: '', commit: '', tagOverride: '', registryOverride: '' };

  it('gets the overriding tag if it has one part and no tag', () => {
    expect(resolveImage('x', { ...rules, tagOverride: 't' })).toBe('x:t');
  });

  it('keeps :latest if the version only ends like a release', () => {
    expect(resolveImage('x:latest', { ...rules, version: 'xv1.0.0' })).toBe('x:latest');
  });

  const hex = (n: number) => 'a'.repeat(n);
  it.each([
    ['v12.0.0', true],
    ['v1.2.3', true],
    ['v1.12.0', true],
    ['v1.123.0', true],
    ['v1.0.12', true],
    ['v1.0.123', true],
    ['v1.01.0', false],
    ['v1.0.01', false],
    ['xv1.0.0', false],
    ['v1.0.0_x', false],
    [`sha-${hex(41)}`, false],
    ['uat-1x', false],
  ])('has an immutable tag %s: %s', (tag, immutable) => {
    expect(isImmutableRef(`ghcr.io/nvidia/aicr-validators/x:${tag}`)).toBe(immutable);
  });

  it.each([
    [`sha256:${hex(64)}`, true],
    [`sha384:${hex(96)}`, true],
    [`sha512:${hex(128)}`, true],
    [`sha256:${hex(65)}`, false],
    [`xsha256:${hex(64)}`, false],
    [`sha384:${hex(64)}`, false],
    [`sha512:${hex(127)}`, false],
  ])('has a valid digest %s: %s', (digest, immutable) => {
    expect(isImmutableRef(`x@${digest}`)).toBe(immutable);
  });
});

describe('image references', () => {
  const none = { version: '', commit: '', tagOverride: '', registryOverride: '' };
  const name = fc.stringMatching(/^[a-z][a-z0-9.-]{0,8}$/);
  const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
  const tag = fc.stringMatching(/^[a-z0-9][a-z0-9.-]{0,8}$/);

  it('do not change if no rule applies', () => {
    fc.assert(
      fc.property(fc.string(), (image) => {
        expect(resolveImage(image, none)).toBe(image);
      }),
    );
  });

  it('keep their digest under every rule, and lose only their registry', () => {
    fc.assert(
      fc.property(path, tag, name, (repository, override, registry) => {
        const image = `${repository}@sha256:${'0'.repeat(64)}`;
        expect(resolveImage(image, { ...none, version: 'v1.0.0', commit: 'abc1234', tagOverride: override })).toBe(
          image,
        );
        const moved = resolveImage(image, { ...none, registryOverride: registry });
        expect(moved.endsWith(`@sha256:${'0'.repeat(64)}`)).toBe(true);
        expect(moved.split('/').at(-1)).toBe(image.split('/').at(-1));
      }),
    );
  });

  it('get the overriding tag, and keep the port of their registry', () => {
    fc.assert(
      fc.property(path, fc.option(tag, { nil: undefined }), tag, (repository, own, override) => {
        const image = `localhost:5001/${repository}`;
        const tagged = own === undefined ? image : `${image}:${own}`;
        expect(resolveImage(tagged, { ...none, version: 'v1.2.3', tagOverride: override })).toBe(
          `${image}:${override}`,
        );
      }),
    );
  });

  it('keep an explicit tag, whatever the version and the commit', () => {
    fc.assert(
      fc.property(
        path,
        tag.filter((own) => own !== 'latest'),
        (repository, own) => {
          const image = `${repository}:${own}`;
          expect(resolveImage(image, { ...none, version: '1.2.3' })).toBe(image);
          expect(resolveImage(image, { ...none, commit: 'abcdef0' })).toBe(image);
        },
      ),
    );
  });

  it('are always pulled if their content may have changed, and only then', () => {
    const digest = `@sha256:${'a'.repeat(64)}`;
    expect(imagePullPolicy(`kind.local/x${digest}`, 'edge')).toBe('Never');
    expect(imagePullPolicy(`x${digest}`, 'edge')).toBe('IfNotPresent');
    expect(imagePullPolicy('x:v1', 'edge')).toBe('Always');
    expect(imagePullPolicy('x:latest', '')).toBe('Always');
    expect(imagePullPolicy('x:v1', '')).toBe('IfNotPresent');
  });

  it.each([
    [`anywhere/x@sha256:${'a'.repeat(64)}`, true],
    [`anywhere/x@sha256:${'a'.repeat(63)}`, false],
    [`@sha256:${'a'.repeat(64)}`, false],
    ['ghcr.io/nvidia/aicr-validators/x:v1.0.0', true],
    ['ghcr.io/nvidia/aicr-validators/x:v1.0.0-rc1', true],
    ['ghcr.io/nvidia/aicr-validators/x:v1.0.0-next', false],
    ['ghcr.io/nvidia/aicr-validators/x:v01.0.0', false],
    ['ghcr.io/nvidia/aicr-validators/x:1.0.0', false],
    [`ghcr.io/nvidia/aicr-validators/x:sha-${'a'.repeat(40)}`, true],
    ['ghcr.io/nvidia/aicr-validators/x:sha-abc1234', false],
    ['ghcr.io/nvidia/aicr-validators/x:uat-12', true],
    ['ghcr.io/nvidia/aicr-validators/x:edge', false],
    ['ghcr.io/nvidia/aicr-validators/x', false],
    ['example.com/x:v1.0.0', false],
    ['', false],
  ])('are immutable or not: %s: %s', (image, immutable) => expect(isImmutableRef(image)).toBe(immutable));
});
