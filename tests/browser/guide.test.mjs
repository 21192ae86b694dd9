// docs/dialects/ingest.md says what is true: its shell lines run, its answers are real, its tables are complete.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';

import { readGuide, readTable, runBlocks, steady } from './support/guide.mjs';
import { startPortcullis } from './support/portcullis.mjs';

const ROOT = new URL('../../', import.meta.url);
const markdown = await readFile(new URL('docs/dialects/ingest.md', ROOT), 'utf8');
const blocks = readGuide(markdown);

let portcullis;
before(async () => (portcullis = await startPortcullis()));
after(() => portcullis?.stop());

it('has shell lines that do what it says', async () => {
  const cwd = await mkdtemp(join(tmpdir(), 'portcullis-guide-'));
  try {
    const runs = blocks.filter(({ how }) => how === 'run');
    assert.ok(runs.length > 10);
    const printed = runBlocks(runs, {
      cwd,
      env: {
        BASE: portcullis.base,
        PORTCULLIS_ADMIN_EMAIL: portcullis.email,
        PORTCULLIS_ADMIN_PASSWORD: portcullis.password,
      },
    });
    runs.forEach(({ line, expected }, index) => {
      for (const text of expected) {
        assert.ok(printed[index].includes(text), `line ${line}: no "${text}" in\n${printed[index]}`);
      }
    });
    blocks.forEach(({ how, line, text }, index) => {
      if (how !== 'same') return;
      const run = runs.indexOf(blocks[index - 1]);
      assert.deepEqual(steady(JSON.parse(printed[run])), steady(JSON.parse(text)), `line ${line}`);
    });
  } finally {
    await rm(cwd, { recursive: true });
  }
});

it('shows the files of the examples as they are', async () => {
  const shown = blocks.filter(({ how }) => how === 'file');
  assert.equal(shown.length, 3);
  for (const { path, text } of shown) assert.equal(text, await readFile(new URL(path, ROOT), 'utf8'), path);
});

it('has code without slips of the pen', () => {
  const checks = {
    js: (text) => spawnSync('node', ['--check', '--input-type=module', '-'], { input: text, encoding: 'utf8' }),
    python: (text) => spawnSync('python3', ['-c', 'import ast, sys; ast.parse(sys.stdin.read())'], { input: text, encoding: 'utf8' }),
    sh: (text) => spawnSync('bash', ['-n'], { input: text, encoding: 'utf8' }),
    json: (text) => ({ status: 0, stderr: JSON.parse(text) && '' }),
  };
  for (const { how, lang, line, text } of blocks) {
    if (how === 'run') continue; // A test of its own runs it.
    const { status, stderr } = checks[lang](text);
    assert.equal(status, 0, `line ${line}: ${stderr}`);
  }
});

it('has links that lead somewhere', async () => {
  const prose = markdown.replaceAll(/^```[^]*?^```$/gm, '');
  const anchors = [...prose.matchAll(/^#+ (.+)$/gm)].map(([, text]) => text.toLowerCase().replaceAll(/[^\w -]/g, '').replaceAll(' ', '-'));
  for (const [, target] of prose.matchAll(/\]\(([^)]+)\)/g)) {
    if (target.startsWith('#')) assert.ok(anchors.includes(target.slice(1)), target);
    else if (!target.startsWith('https:')) {
      const found = spawnSync('test', ['-e', new URL(target, new URL('docs/dialects/', ROOT)).pathname]);
      assert.equal(found.status, 0, target);
    }
  }
});

it('lists every rule as the server has it', async () => {
  const told = readTable(markdown, 'Rules').map(([code, label, weight, where]) => [code, label, Number(weight), where]);
  const { client, base, token } = portcullis;
  const response = await fetch(`${base}/api/v1/admin/global-rules`, { headers: { Authorization: `Bearer ${token}` } });
  const { rules } = await response.json();
  const { key } = await client('every-rule');
  const [signup, login] = await Promise.all(
    ['SIGNUP', 'LOGIN'].map(async (type) => {
      const { body } = await ask(key, { body: JSON.stringify({ type, email: 'jane@example.com', ip: '81.2.69.142' }) });
      return body.allChecks.map(({ code }) => code);
    }),
  );
  const where = (code) => (!login.includes(code) ? 'signup' : signup.includes(code) ? 'both' : 'login');
  assert.deepEqual(told, rules.map(({ code, label, weight }) => [code, label, weight, where(code)]));
  assert.deepEqual(rules.filter(({ enabled }) => !enabled).map(({ code }) => code), ['KNOWN_DEVICE']);
});

it('lists the errors as the server gives them', async () => {
  const told = readTable(markdown, 'Errors').map(([status, code, message]) => [Number(status), code, message]);
  const { key, slug } = await portcullis.client('errors');
  const fine = JSON.stringify({ type: 'LOGIN', email: 'jane@example.com', ip: '81.2.69.142' });
  const again = { 'Idempotency-Key': 'k' };
  await ask(key, { body: fine, headers: again });
  const elsewhere = await make(`clients/${slug}/api-keys`, { name: 'x', dialect: 'ingest', mode: 'live', allowedIps: ['10.0.0.0/8'] });
  const cases = {
    malformed_json: await ask(key, { body: '{' }),
    validation_failed: await ask(key, { body: '{}' }),
    unauthorized: await ask('unknown', { body: fine }),
    forbidden: await ask(elsewhere.key, { body: fine }),
    not_found: await ask(key, { method: 'GET', path: '/api/v1/events/cm0' }),
    method_not_allowed: await ask(key, { method: 'GET' }),
    idempotency_conflict: await ask(key, { body: `${fine} `, headers: again }),
    payload_too_large: await ask(key, { body: 'x'.repeat(262_145) }),
    unsupported_media_type: await ask(key, { body: fine, headers: { 'Content-Type': 'text/plain' } }),
  };
  await make(`clients/${slug}`, { rateLimitPerMinute: 1 }, 'PATCH');
  const limited = [await ask(key, { body: fine }), await ask(key, { body: fine })];
  cases.rate_limited = limited.find(({ status }) => status === 429);
  assert.match(cases.rate_limited.headers.get('retry-after'), /^\d+$/);
  await make(`clients/${slug}`, { status: 'suspended' }, 'PATCH');
  cases.tenant_suspended = await ask(key, { body: fine });

  for (const [code, { status, body, headers }] of Object.entries(cases)) {
    assert.equal(headers.get('x-request-id'), body.error.requestId);
    const row = told.find(([, told]) => told === code);
    assert.deepEqual(row, [status, body.error.code, body.error.message]);
  }
  // These two need a failure of the server.
  assert.deepEqual(told.map(([, code]) => code).sort(), [...Object.keys(cases), 'internal_error', 'unavailable'].sort());
});

async function ask(key, { method = 'POST', path = '/api/v1/events/ingest', body, headers }) {
  const response = await fetch(portcullis.base + path, {
    method,
    body,
    headers: { 'Content-Type': 'application/json', 'x-api-key': key, ...headers },
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

async function make(path, body, method = 'POST') {
  const response = await fetch(`${portcullis.base}/api/v1/admin/${path}`, {
    method,
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${portcullis.token}` },
    body: JSON.stringify(body),
  });
  assert.ok(response.ok, await response.clone().text());
  return response.json();
}
