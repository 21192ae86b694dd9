// sdk/browser as it is in the repository: its own tests, the script that the server embeds, and the package.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';

const SDK = fileURLToPath(new URL('../../sdk/browser', import.meta.url));
const TSC = join(SDK, 'node_modules/typescript/bin/tsc');

// What is exported, and to type-check against.
const USE = `
const attachment: sdk.Attachment = sdk.attachToForm(document.forms[0] as HTMLFormElement, { consent: true });
attachment.collect().then((signals: sdk.Signals | undefined) => signals?.behavior.mousePath.map(({ x, y, t }) => x + y + t));
const fingerprint: Promise<sdk.Fingerprint | undefined> = sdk.collectFingerprint({ consent: Promise.resolve(true) });
// @ts-expect-error: there is no way around consent.
sdk.collectDevice({});
`;
const NAMES = ['attachToForm', 'collectDevice', 'collectFingerprint', 'forget', 'sealDevice'];

function run(command, args, cwd = SDK) {
  // The tests that it runs are not ours.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: 'utf8' });
  assert.equal(status, 0, `${command} ${args.join(' ')}:\n${stdout}${stderr}`);
  return stdout;
}

it('passes its own tests, and the committed script is what the sources make', () => {
  const said = run('npm', ['test', '--silent']);
  assert.match(said, /^# fail 0$/m);
  assert.match(said, /^form\.js: \d+ bytes, \d+ compressed, budget 6144$/m);
});

it('makes a package for both kinds of modules, with types for both', async () => {
  run('node', ['build.mjs']);
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-sdk-'));
  try {
    await mkdir(join(folder, 'node_modules/@portcullis'), { recursive: true });
    await symlink(SDK, join(folder, 'node_modules/@portcullis/browser'));
    await writeFile(join(folder, 'use.mts'), `import * as sdk from '@portcullis/browser';${USE}`);
    await writeFile(join(folder, 'use.cts'), `import sdk = require('@portcullis/browser');${USE}`);
    await writeFile(join(folder, 'run.mjs'), `import * as sdk from '@portcullis/browser'; console.log(Object.keys(sdk).join());`);
    await writeFile(join(folder, 'run.cjs'), `console.log(Object.keys(require('@portcullis/browser')).join());`);
    run('node', [TSC, '--strict', '--noEmit', '--module', 'node16', '--target', 'es2022', '--lib', 'es2022,dom', 'use.mts', 'use.cts'], folder);
    for (const file of ['run.mjs', 'run.cjs']) assert.equal(run('node', [file], folder).trim(), NAMES.join(), file);
  } finally {
    await rm(folder, { recursive: true });
  }
});

it('installs from whatever registry npm is set up for', async () => {
  for (const folder of ['sdk/browser', 'tests/browser', 'examples/ingest/browser']) {
    const { packages } = JSON.parse(await readFile(new URL(`../../${folder}/package-lock.json`, import.meta.url)));
    for (const [name, { resolved }] of Object.entries(packages)) assert.equal(resolved, undefined, `${folder} ${name}`);
  }
});
