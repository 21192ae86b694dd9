// docs/dialects/keyri.md says what is true: its shell lines run.

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';

import { readGuide, runBlocks } from './support/guide.mjs';
import { startPortcullis } from './support/portcullis.mjs';

const ROOT = new URL('../../', import.meta.url);
const markdown = await readFile(new URL('docs/dialects/keyri.md', ROOT), 'utf8');

let portcullis;
before(async () => (portcullis = await startPortcullis()));
after(() => portcullis?.stop());

it('has shell lines that do what it says', async () => {
  const cwd = await mkdtemp(join(tmpdir(), 'portcullis-guide-'));
  try {
    const runs = readGuide(markdown).filter(({ how }) => how === 'run');
    assert.ok(runs.length > 6);
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
