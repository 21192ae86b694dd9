// sdk/node against a real server: the vendor's guide as it is printed, docs/sdk-node.md, every path and field, webhooks.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';

import * as sdk from '../../sdk/node/src/index.js';
import { CALLS } from '../../sdk/node/test/table.js';
import { differences, readDeclarations } from './support/declared.mjs';
import { readGuide, readTable, runBlocks } from './support/guide.mjs';
import { picture } from './support/picture.mjs';
import { startPortcullis } from './support/portcullis.mjs';

const ROOT = new URL('../../', import.meta.url);
const SDK = fileURLToPath(new URL('sdk/node', ROOT));
const MODULES = new URL('sdk/browser/node_modules/', ROOT);
const GUIDE = new URL('docs/sdk-node.md', ROOT);
const markdown = await readFile(GUIDE, 'utf8');
const vendor = await readFile(new URL('support/txcloud_guide.md', import.meta.url), 'utf8');
const headings = [...vendor.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
const printed = Object.fromEntries(readGuide(vendor).map(({ text }, index) => [headings[index], text]));

let portcullis;
before(async () => {
  process.env.PORTCULLIS_WEBHOOK_ALLOW_PRIVATE = 'true';
  portcullis = await startPortcullis();
});
after(() => portcullis?.stop());

async function ask(method, path, token, body) {
  const headers = { 'Content-Type': 'application/json', ...(token && { Authorization: `Bearer ${token}` }) };
  const response = await fetch(portcullis.base + path, { method, headers, body: body && JSON.stringify(body) });
  const text = await response.text();
  assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`);
  return JSON.parse(text);
}

// A client of an account that nobody else uses, and the token of its person.
async function account(name, options) {
  const person = { email: `ops@${name}.example`, password: 'SecurePass1!', companyName: name };
  const { token } = await ask('POST', '/v1/auth/register', undefined, person);
  const { key } = await ask('POST', '/api/v1/client/api-keys', token, { name: 'backend', dialect: 'fraudshield', mode: 'live' });
  return { token, txcloud: new sdk.TxCloud({ apiKey: key, baseUrl: portcullis.base, ...options }) };
}

function run(command, args, options) {
  // The tests that it runs are not ours.
  const { NODE_TEST_CONTEXT: _, ...env } = { ...process.env, ...options.env };
  const { status, stdout, stderr } = spawnSync(command, args, { ...options, env, encoding: 'utf8' });
  assert.equal(status, 0, `${command} ${args.join(' ')}:\n${stdout}${stderr}`);
  return stdout;
}

// A folder in which the package is installed from its archive.
async function installed(use) {
  const cwd = await mkdtemp(join(tmpdir(), 'portcullis-sdk-'));
  try {
    const archive = run('npm', ['pack', '--silent', '--pack-destination', cwd], { cwd: SDK }).trim();
    await writeFile(join(cwd, 'package.json'), '{"private": true, "type": "module"}');
    run('npm', ['install', '--offline', '--no-audit', '--no-fund', '--silent', `./${archive}`], { cwd });
    await use(cwd);
  } finally {
    await rm(cwd, { recursive: true });
  }
}

it('passes its own tests', () => {
  assert.match(run('npm', ['test', '--silent'], { cwd: SDK }), /^# fail 0$/m);
});

describe('what the server says of itself', () => {
  let document;
  before(async () => (document = await ask('GET', '/openapi.json')));
  const { call, checker } = readDeclarations(new URL('sdk/node/src/index.d.ts', ROOT), 'TxCloud');

  it('has every call, and no other', () => {
    const paths = Object.entries(document.paths).filter(([path]) => /^\/v1\/(fraud|identity)\//.test(path));
    const served = paths.flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`));
    assert.deepEqual(CALLS.map(({ method, path }) => `${method} ${path}`).sort(), served.sort());
  });

  for (const { name, method, path, takes } of CALLS) {
    it(`declares ${name} as it is`, () => {
      const { parameters = [], requestBody, responses } = document.paths[path][method.toLowerCase()];
      const { params, answer } = call(name);
      assert.deepEqual(Object.keys(params), [...takes, 'options']);
      const query = parameters.filter((parameter) => parameter.in === 'query');
      const asked = requestBody?.content['application/json'].schema
        ?? { type: 'object', properties: Object.fromEntries(query.map(({ name, schema }) => [name, schema])) };
      const told = Object.entries(responses).find(([status]) => status.startsWith('2'))[1].content['application/json'].schema;
      const wrong = [
        ...(params.params ? differences({ checker, document, isAnswer: false }, params.params, asked, 'params') : []),
        ...differences({ checker, document, isAnswer: true }, answer, told, 'answer'),
      ];
      assert.deepEqual(wrong, []);
    });
  }
});

describe("the vendor's guide", () => {
  const [clientIp, userId] = ['102.45.67.89', 'usr_123'];
  const doc = picture(1);
  const selfieBase64 = picture(2);
  let txcloud;
  let deviceId;
  let verificationId;

  // Runs a block as it is printed, and gives what it said: a text for each line.
  async function say(heading, more = {}) {
    const said = [];
    const scope = {
      txcloud, clientIp, userId, doc, selfieBase64, deviceId, verificationId,
      console: { log: (...values) => said.push(values.map((value) => (typeof value === 'string' ? value : inspect(value))).join(' ')) },
      navigator: { userAgent: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36', language: 'fr-MA', platform: 'Win32' },
      screen: { width: 1920, height: 1080 },
      getCanvasHash: async () => 'a1b2c3d4',
      getWebGLHash: async () => 'e5f6a7b8',
      ...more,
    };
    const AsyncFunction = (async () => {}).constructor;
    await new AsyncFunction(...Object.keys(scope), printed[heading])(...Object.values(scope));
    return said;
  }

  before(async () => {
    await ask('PATCH', '/api/v1/admin/reputation/vpn-networks', portcullis.token, { add: [{ cidr: '102.45.67.0/24', provider: 'NordVPN' }] });
    ({ txcloud } = await account('atlas-pay'));
  });

  it('registers a device behind a VPN', async () => {
    const said = await say('Register a device');
    assert.match(said[0], /^Device ID: dev_[\da-z]{12}$/);
    assert.deepEqual([said[1], said[2], said[3], said.length], ['Risk Score: 250', 'Risk Level: medium', 'VPN detected', 4]);
    deviceId = said[0].slice('Device ID: '.length);
    await say('Register a device', { userId: 'usr_456' });
    const device = await txcloud.fraud.devices.retrieve(deviceId);
    assert.deepEqual([device.times_seen, device.linked_users, device.linked_accounts], [2, ['usr_123', 'usr_456'], 2]);
    assert.equal(device.ip_analysis.vpn_provider, 'NordVPN');
  });

  it('verifies an identity', async () => {
    const said = await say('Verify an identity');
    assert.match(said.join('\n'), /^Fraud check: \{\n  status: 'passed',\n  risk_score: \d+,\n  duplicate_detected: false,/);
  });

  it('searches for duplicates', async () => {
    assert.deepEqual(await say('Search for duplicates'), []);
    const { id } = await txcloud.identity.verify({ document_front: picture(3), selfie: selfieBase64, country: 'MA', user_id: 'usr_456' });
    verificationId = id;
    const [found, match, similarity, original] = await say('Search for duplicates');
    assert.deepEqual([found, similarity, original], ['Duplicate found!', 'Similarity: 1', `Original verification: ${id}`]);
    assert.match(match, /^Match ID: match_/);
  });

  it('refuses the fourth attempt in an hour', async () => {
    await say('Create a velocity rule');
    for (const _ of [1, 2, 3]) assert.deepEqual(await say('Check velocity'), []);
    const said = [];
    const console = { log: (text) => said.push(text) };
    await assert.rejects(say('Check velocity', { console }), /Too many attempts/);
    assert.equal(said[0], 'Rate limit exceeded');
    const [, seconds] = said[1].match(/^Retry after: (\d+)s$/);
    assert.ok(seconds > 1_800 && seconds <= 3_600, said[1]);
  });

  it('makes a rule that flags', async () => {
    await say('Create a rule');
    const payment = { user_id: 'usr_9', event_type: 'payment', ip_address: clientIp, device_id: deviceId, user: { age_days: 3 } };
    const flagged = await txcloud.fraud.assess({ ...payment, transaction: { amount: 10_001, currency: 'MAD' } });
    const quiet = await txcloud.fraud.assess({ ...payment, transaction: { amount: 10_000, currency: 'MAD' } });
    assert.deepEqual([flagged, quiet].map(({ triggered_rules }) => triggered_rules.map(({ name }) => name)), [['High Risk New User'], []]);
    assert.ok(flagged.signals.includes('rule:High Risk New User'));
  });

  it('confirms one signal and dismisses another', async () => {
    await say('Confirm a signal');
    const other = await txcloud.fraud.signals.report({ type: 'chargeback', user_id: userId });
    await say('Dismiss a signal', { signal: other });
    const [dismissed, confirmed] = (await txcloud.fraud.signals.list()).data;
    assert.deepEqual([confirmed.status, confirmed.notes, confirmed.verification_id], ['confirmed', 'Confirmed chargeback from bank', verificationId]);
    assert.deepEqual([dismissed.status, dismissed.notes], ['dismissed', 'Customer resolved dispute']);
    // Printed below one another, they are one or the other.
    await assert.rejects(say('Dismiss a signal', { signal: confirmed }), sdk.ConflictError);
  });

  it('blocks the device', async () => {
    assert.deepEqual(await say('Block'), ['Device is blocked', 'Reason: confirmed_fraud']);
    assert.equal((await txcloud.fraud.devices.retrieve(deviceId)).is_blocked, true);
  });

  it('tells what there was', async () => {
    assert.deepEqual(await say('Analytics'), ['Total signals: 2', 'Confirmed fraud: 1', 'False positive rate: 0.5']);
    const { data } = await txcloud.fraud.analytics.trends({ period: '30d', granularity: 'daily' });
    assert.deepEqual([data.length, data.at(-1).signals, data.at(-1).velocity_exceeded], [30, 2, 1]);
  });
});

it('counts an attempt once whose answer was lost', async () => {
  let isLost = false;
  const lossy = async (...args) => {
    const response = await fetch(...args);
    isLost = !isLost;
    if (isLost) throw new TypeError('fetch failed');
    return response;
  };
  const { txcloud } = await account('lossy', { fetch: lossy });
  const check = () => txcloud.fraud.velocity.check({ action: 'login', user_id: 'usr_1' });
  assert.deepEqual([(await check()).counts.user_id, (await check()).counts.user_id], [1, 2]);
  const { id } = await txcloud.fraud.rules.create({ name: 'Tor', condition: 'ip.is_tor', action: 'review' });
  assert.deepEqual((await txcloud.fraud.rules.list()).data.map((rule) => rule.id), [id]);
});

it('takes what the server sends to a webhook', async () => {
  const { token, txcloud } = await account('hooked');
  const receiver = createServer().listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  try {
    const url = `http://127.0.0.1:${receiver.address().port}/hooks`;
    const { secret } = await ask('POST', '/api/v1/client/webhooks', token, { url, types: ['fraud.device.blocked'] });
    const arrival = once(receiver, 'request', { signal: AbortSignal.timeout(20_000) });
    const { id } = await txcloud.fraud.devices.register({ fingerprint: { canvas_hash: 'a1' }, ip_address: '81.2.69.160' });
    await txcloud.fraud.devices.block(id, { reason: 'confirmed_fraud' });
    const [request, response] = await arrival;
    const body = Buffer.concat(await request.toArray());
    response.writeHead(204).end();
    for (const scheme of ['standard', 'txcloud']) {
      const message = txcloud.webhooks.verify(body, request.headers, secret, { scheme });
      assert.deepEqual([message.type, message.livemode], ['fraud.device.blocked', true]);
      const changed = Buffer.from(body.toString().replace('true', 'null'));
      assert.throws(() => txcloud.webhooks.verify(changed, request.headers, secret, { scheme }), { code: 'invalid_signature' });
    }
  } finally {
    receiver.close();
    receiver.closeAllConnections();
  }
});

describe('docs/sdk-node.md', () => {
  const blocks = readGuide(markdown);

  it('has code that does what it says, with the package installed', () => installed(async (cwd) => {
    const runs = blocks.filter(({ how }) => how === 'run');
    const shell = runs.filter(({ lang }) => lang === 'sh');
    const [said] = runBlocks(shell, { cwd, env: { BASE: portcullis.base } });
    assert.equal(shell.length, 1);
    assert.ok(said.includes(shell[0].expected[0]), said);
    const scripts = runs.filter(({ lang }) => lang === 'js');
    const between = '<<next block>>';
    await writeFile(join(cwd, 'guide.js'), scripts.map(({ text }) => `${text}\nconsole.log('${between}');\n`).join(''));
    const output = run('node', ['guide.js'], { cwd, env: { BASE: portcullis.base, TXCLOUD_API_KEY: said.trim() } }).split(between);
    scripts.forEach(({ line, expected }, index) => {
      for (const text of expected) assert.ok(output[index].includes(text), `line ${line}: no "${text}" in\n${output[index]}`);
    });
  }));

  it('has code that fits the types, as has the vendor\'s', () => installed(async (cwd) => {
    const scripts = blocks.filter(({ lang }) => lang === 'js').map(({ text }) => text);
    const names = ['clientIp', 'userId', 'deviceId', 'verificationId', 'selfieBase64', 'doc'];
    const known = `import { TxCloud, type Signal } from '@portcullis/node';
      declare const txcloud: TxCloud, ${names.map((name) => `${name}: string`).join(', ')};
      declare function getCanvasHash(): Promise<string>;
      declare function getWebGLHash(): Promise<string>;\n`;
    const functions = Object.entries(printed).map(([heading, text], index) => {
      const takes = heading === 'Dismiss a signal' ? 'signal: Signal' : '';
      return `export async function block${index}(${takes}) {\n${text}}\n`;
    });
    await writeFile(join(cwd, 'vendor.ts'), known + functions.join(''));
    await writeFile(join(cwd, 'guide.ts'), scripts.join(''));
    await writeFile(join(cwd, 'wrong.ts'), `${known}
      // @ts-expect-error: there is no such scope.
      txcloud.fraud.velocity.rules.create({ name: 'a', action: 'b', limit: 1, window: '1h', scope: 'card' });
      // @ts-expect-error: what to block is missing.
      txcloud.fraud.blocklist.add({ type: 'ip' });
      // @ts-expect-error: the whole is no item.
      for await (const { has_more } of txcloud.fraud.rules.list()) has_more;`);
    const strict = ['--strict', '--exactOptionalPropertyTypes', '--noEmit', '--module', 'nodenext', '--target', 'es2022', '--lib', 'es2023,dom'];
    const types = ['--typeRoots', fileURLToPath(new URL('@types', MODULES)), '--types', 'node', '--skipLibCheck'];
    const tsc = fileURLToPath(new URL('typescript/bin/tsc', MODULES));
    run('node', [tsc, ...strict, ...types, 'vendor.ts', 'guide.ts', 'wrong.ts'], { cwd });
  }));

  it('names every call, option and error', () => {
    const cells = (text) => text.split(', ');
    const calls = readTable(markdown, 'Calls').flatMap(([group, list]) =>
      group === 'assess' ? ['fraud.assess'] : cells(list).map((call) => `fraud.${group}.${call}`));
    assert.deepEqual(calls.sort(), CALLS.map(({ name }) => name).filter((name) => name.startsWith('fraud.')).sort());
    const errors = readTable(markdown, 'Errors').map(([name]) => name);
    const classes = Object.keys(sdk).filter((name) => name.endsWith('Error') && name !== 'TxCloudError');
    assert.deepEqual(errors.sort(), classes.sort());
    const options = readTable(markdown, 'Options').map(([name]) => name);
    assert.deepEqual(options, ['apiKey', 'baseUrl', 'timeoutMs', 'maxRetries', 'maxRetryDelayMs', 'fetch']);
  });

  it('has links that lead somewhere', () => {
    for (const [, target] of markdown.matchAll(/\]\(([^)#]+)[^)]*\)/g)) {
      if (!target.startsWith('https:')) assert.ok(existsSync(new URL(target, GUIDE)), target);
    }
  });
});
