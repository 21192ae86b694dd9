// The sample shop's backends, in front of any Portcullis.

import { fileURLToPath } from 'node:url';

import { start } from './process.mjs';

const EXAMPLES = new URL('../../../examples/ingest/', import.meta.url);
const FINGERPRINTJS = new URL('../node_modules/@fingerprintjs/fingerprintjs/dist/fp.umd.min.js', import.meta.url);

export const BACKENDS = {
  node: ['node', ['node/server.mjs']],
  python: ['python3', ['-B', 'python/server.py']],
};

export async function startShop(backend, { url, key, ...env }) {
  const [command, args] = BACKENDS[backend];
  const paths = args.map((arg) => (arg.includes('/') ? fileURLToPath(new URL(arg, EXAMPLES)) : arg));
  const shop = start(command, paths, {
    PORT: '0',
    PORTCULLIS_URL: url,
    PORTCULLIS_KEY: key,
    FINGERPRINTJS: fileURLToPath(FINGERPRINTJS),
    ...env,
  });
  const [, origin] = await shop.seen(/shop on (http:\S+)/);
  const post = async (path, body) => {
    const response = await fetch(origin + path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, text, json: text ? JSON.parse(text) : undefined };
  };
  // The code that the shop mailed last to this address.
  const code = async (email) => {
    const mail = new RegExp(`mail to ${email.replace(/[.+]/g, '\\$&')}: Your code is (\\d{6})`);
    return (await shop.seen(mail))[1];
  };
  return { origin, post, code, seen: shop.seen, stop: shop.stop };
}
