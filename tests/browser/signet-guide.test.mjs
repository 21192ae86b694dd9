// docs/dialects/signet.md says what is true: its shell lines run, those of the five steps over TLS.

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';

import { readGuide, runBlocks } from './support/guide.mjs';
import { startPortcullis } from './support/portcullis.mjs';

const ROOT = new URL('../../', import.meta.url);
const markdown = await readFile(new URL('docs/dialects/signet.md', ROOT), 'utf8');

let portcullis;
before(async () => (portcullis = await startPortcullis()));
after(() => portcullis?.stop());

it('has shell lines that do what it says', async () => {
  const cwd = await mkdtemp(join(tmpdir(), 'portcullis-guide-'));
  try {
    // The page names the usual port; the server of this test has another, and a certificate of its own.
    const { port, certificate } = portcullis.tls;
    await writeFile(join(cwd, '.curlrc'), `connect-to = "localhost:4301:127.0.0.1:${port}"\ncacert = "${certificate}"\n`);
    const runs = readGuide(markdown).filter(({ how }) => how === 'run');
    assert.ok(runs.length > 8);
    assert.equal(runs.filter(({ text }) => text.includes('https://localhost:4301/fraud/v1/')).length, 5);
    const printed = runBlocks(runs, { cwd, env: { BASE: portcullis.base, HOME: cwd, CURL_HOME: cwd } });
    runs.forEach(({ line, expected }, index) => {
      for (const text of expected) {
        assert.ok(printed[index].includes(text), `line ${line}: no "${text}" in\n${printed[index]}`);
      }
    });
  } finally {
    await rm(cwd, { recursive: true });
  }
});
