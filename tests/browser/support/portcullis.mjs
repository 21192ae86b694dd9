// A Portcullis server of its own, on an empty data directory, and its management API.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { freePort, start } from './process.mjs';

const EMAIL = 'root@example.com';
const PASSWORD = 'Correct-Horse-7';

export async function startPortcullis() {
  const binary = process.env.PORTCULLIS_BINARY;
  assert.ok(binary, 'PORTCULLIS_BINARY names no binary: use run.sh');
  const dataDir = await mkdtemp(join(tmpdir(), 'portcullis-browser-'));
  const base = `http://127.0.0.1:${await freePort()}`;
  const tls = { port: await freePort(), certificate: join(dataDir, 'tls', 'self-signed.crt') };
  const server = start(binary, ['serve', '--data-dir', dataDir, '--listen', new URL(base).host, '--tls-listen', `127.0.0.1:${tls.port}`], {
    PORTCULLIS_ADMIN_EMAIL: EMAIL,
    PORTCULLIS_ADMIN_PASSWORD: PASSWORD,
  });
  const stop = async () => {
    const code = await server.stop();
    await rm(dataDir, { recursive: true });
    assert.equal(code, 0, `the server ended with ${code}:\n${server.output()}`);
  };
  try {
    await ready(base, server);
  } catch (error) {
    await stop().catch(() => {});
    throw error;
  }
  const { token } = await call(base, 'POST', '/v1/auth/login', { body: { email: EMAIL, password: PASSWORD } });

  // A client with one key, apart from every other.
  const client = async (slug, mode = 'live') => {
    await call(base, 'POST', '/api/v1/admin/clients', { token, body: { name: slug, slug } });
    const body = { name: 'shop', dialect: 'ingest', mode };
    const { key } = await call(base, 'POST', `/api/v1/admin/clients/${slug}/api-keys`, { token, body });
    const event = (id) => call(base, 'GET', `/api/v1/events/${id}`, { key });
    return { slug, key, event };
  };
  return { base, tls, email: EMAIL, password: PASSWORD, token, client, stop, output: server.output };
}

async function ready(base, server) {
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; await sleep(50)) {
    if (server.child.exitCode !== null) break;
    const response = await fetch(`${base}/readyz`).catch(() => undefined);
    if (response?.ok) return;
  }
  throw new Error(`the server is not ready:\n${server.output()}`);
}

async function call(base, method, path, { token, key, body }) {
  const headers = { 'Content-Type': 'application/json' };
  if (token) headers.Authorization = `Bearer ${token}`;
  if (key) headers['x-api-key'] = key;
  const response = await fetch(base + path, { method, headers, body: body && JSON.stringify(body) });
  const text = await response.text();
  assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`);
  return JSON.parse(text);
}
