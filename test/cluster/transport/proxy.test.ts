import { expect, it } from 'vitest';
import { proxyFor } from '../../../src/cluster/transport/proxy.ts';

const proxy = 'http://proxy:3128';

it.each<[string, Record<string, string>, string | undefined]>([
  ['https://10.0.0.1', {}, undefined],
  ['https://10.0.0.1', { HTTPS_PROXY: proxy }, proxy],
  ['https://10.0.0.1', { https_proxy: proxy }, proxy],
  ['https://10.0.0.1', { HTTPS_PROXY: 'proxy:3128' }, proxy],
  ['https://10.0.0.1', { HTTP_PROXY: proxy }, undefined],
  ['http://10.0.0.1', { HTTP_PROXY: proxy }, proxy],
  ['https://10.0.0.1', { HTTPS_PROXY: proxy, NO_PROXY: '10.0.0.0/8' }, undefined],
  ['https://10.0.0.1', { HTTPS_PROXY: proxy, NO_PROXY: '10.1.0.0/16' }, proxy],
  ['https://10.0.0.1', { HTTPS_PROXY: proxy, NO_PROXY: '10.0.0.1' }, undefined],
  ['https://10.0.0.1:6443', { HTTPS_PROXY: proxy, NO_PROXY: '10.0.0.1:6443' }, undefined],
  ['https://10.0.0.1:6443', { HTTPS_PROXY: proxy, NO_PROXY: '10.0.0.1:443' }, proxy],
  ['https://[fd00::1]:6443', { HTTPS_PROXY: proxy, NO_PROXY: 'fd00::/8' }, undefined],
  ['https://[fd00::1]:6443', { HTTPS_PROXY: proxy, NO_PROXY: 'fd00::1' }, undefined],
  ['https://[fd00::1]:6443', { HTTPS_PROXY: proxy, NO_PROXY: '10.0.0.0/8' }, proxy],
  ['https://api.example.com', { HTTPS_PROXY: proxy, NO_PROXY: 'a.b, .example.com' }, undefined],
  ['https://api.example.com', { HTTPS_PROXY: proxy, NO_PROXY: 'example.com' }, undefined],
  ['https://api.example.com', { HTTPS_PROXY: proxy, NO_PROXY: '*.example.com' }, undefined],
  ['https://apiexample.com', { HTTPS_PROXY: proxy, NO_PROXY: 'example.com' }, proxy],
  ['https://example.com', { HTTPS_PROXY: proxy, NO_PROXY: '.example.com' }, proxy],
  ['https://API.Example.com', { HTTPS_PROXY: proxy, NO_PROXY: 'example.COM' }, undefined],
  ['https://api.example.com', { HTTPS_PROXY: proxy, NO_PROXY: '*' }, undefined],
  ['https://api.example.com', { HTTPS_PROXY: proxy, NO_PROXY: '10.0.0.0/99,not/a/range,,' }, proxy],
  ['https://localhost:6443', { HTTPS_PROXY: proxy }, undefined],
  ['https://127.0.0.1:6443', { HTTPS_PROXY: proxy }, undefined],
  ['https://[::1]:6443', { HTTPS_PROXY: proxy }, undefined],
])('reaches %s with %o through %s', (server, env, expected) => {
  expect(proxyFor(new URL(server), undefined, env)).toBe(expected);
});

it('prefers the kubeconfig’s proxy-url to the environment', () => {
  const env = { HTTPS_PROXY: proxy, NO_PROXY: '*' };
  expect(proxyFor(new URL('https://127.0.0.1'), 'socks5://other:1080', env)).toBe('socks5://other:1080');
  expect(proxyFor(new URL('https://10.0.0.1'), '', env)).toBe(undefined);
});
