// docs/sdk-browser.md says what is true: its shell lines run, its code has no slips, its links lead somewhere.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';

import { readGuide, readTable, runBlocks } from './support/guide.mjs';
import { startPortcullis } from './support/portcullis.mjs';

const GUIDE = new URL('../../docs/sdk-browser.md', import.meta.url);
const markdown = await readFile(GUIDE, 'utf8');
const blocks = readGuide(markdown);

let portcullis;
before(async () => (portcullis = await startPortcullis()));
after(() => portcullis?.stop());

it('has shell lines that do what it says', async () => {
  const cwd = await mkdtemp(join(tmpdir(), 'portcullis-guide-'));
  try {
    const runs = blocks.filter(({ how }) => how === 'run');
    const printed = runBlocks(runs, { cwd, env: { BASE: portcullis.base } });
    assert.ok(runs.length > 0);
    runs.forEach(({ expected }, index) => expected.forEach((text) => assert.ok(printed[index].includes(text), printed[index])));
  } finally {
    await rm(cwd, { recursive: true });
  }
});

it('has code without slips of the pen', () => {
  const scripts = blocks.filter(({ lang }) => lang === 'js');
  assert.ok(scripts.length > 4);
  for (const { line, text } of scripts) {
    const { status, stderr } = spawnSync('node', ['--check', '--input-type=module', '-'], { input: text, encoding: 'utf8' });
    assert.equal(status, 0, `line ${line}: ${stderr}`);
  }
});

it('names every option and method', async () => {
  const source = await readFile(new URL('../../sdk/browser/src/form.ts', import.meta.url), 'utf8');
  const fields = (name) => [...source.split(`interface ${name}`)[1].split('\n}')[0].matchAll(/^  (\w+)[?(:]/gm)].map(([, field]) => field);
  const told = readTable(markdown, 'Options').map(([name]) => name.replace('()', ''));
  for (const name of ['CollectOptions', 'AttachOptions', 'Attachment'].flatMap(fields)) assert.ok(told.includes(name), name);
});

it('has links that lead somewhere', () => {
  for (const [, target] of markdown.matchAll(/\]\(([^)#]+)[^)]*\)/g)) {
    if (!target.startsWith('https:')) assert.ok(existsSync(new URL(target, GUIDE)), target);
  }
});
