// docs/dialects/fraudsense.md says what is true: its shell lines run, and its tables are complete.

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';

import { readGuide, readTable, runBlocks } from './support/guide.mjs';
import { startPortcullis } from './support/portcullis.mjs';

const ROOT = new URL('../../', import.meta.url);
const markdown = await readFile(new URL('docs/dialects/fraudsense.md', ROOT), 'utf8');

let portcullis;
before(async () => (portcullis = await startPortcullis()));
after(() => portcullis?.stop());

it('has shell lines that do what it says', async () => {
  const cwd = await mkdtemp(join(tmpdir(), 'portcullis-guide-'));
  try {
    const runs = readGuide(markdown).filter(({ how }) => how === 'run');
    assert.ok(runs.length > 8);
    const printed = runBlocks(runs, { cwd, env: { BASE: portcullis.base } });
    runs.forEach(({ line, expected }, index) => {
      for (const text of expected) {
        assert.ok(printed[index].includes(text), `line ${line}: no "${text}" in\n${printed[index]}`);
      }
    });
  } finally {
    await rm(cwd, { recursive: true });
  }
});

it('lists every signal with its points and category as the server has them', async () => {
  const rows = readTable(markdown, 'Signals').map(([code, , points, category]) => [code, Number(points.replace('−', '-')), category]);
  // What is on a list is ours to say.
  const told = rows.filter(([, , category]) => category !== 'list');
  const { apiKey } = await ask('/v1/auth/register', { email: 'docs@docs.example', password: 'SecurePass1!', companyName: 'Docs' });
  const body = { deviceId: 'd', sessionId: 's', triggeredFlags: told.map(([code]) => code) };
  const { triggeredFlags } = await ask('/v1/risk/score', body, { 'X-FraudSense-Key': apiKey });
  const known = triggeredFlags.map(({ code, points, category }) => [code, points, category]);
  assert.deepEqual(told, known);
});

it('lists every label, in the order of the server', async () => {
  const told = readTable(markdown, 'Labels').map(([code]) => code);
  const { apiKey } = await ask('/v1/auth/register', { email: 'labels@docs.example', password: 'SecurePass1!', companyName: 'Labels' });
  const all = readTable(markdown, 'Signals').map(([code]) => code);
  const seen = new Set();
  for (const eventType of ['LOGIN', 'PAYMENT']) {
    const body = { deviceId: eventType, sessionId: eventType, eventType, triggeredFlags: all };
    const { riskLabels } = await ask('/v1/risk/score', body, { 'X-FraudSense-Key': apiKey });
    riskLabels.forEach(({ code }) => seen.add(code));
    const order = riskLabels.map(({ code }) => told.indexOf(code));
    assert.deepEqual(order, order.toSorted((a, b) => a - b));
  }
  assert.deepEqual([...seen, 'CLEAN'].sort(), told.toSorted());
});

async function ask(path, body, headers) {
  const response = await fetch(portcullis.base + path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  assert.ok(response.ok, await response.clone().text());
  return response.json();
}
