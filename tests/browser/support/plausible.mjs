// A client with something to look at, and one with nothing.

import assert from 'node:assert/strict';

import { randomFrom } from './visitor.mjs';

const AGENT = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';
const HOMES = ['81.2.69.142', '89.160.20.112', '2.125.160.216', '216.160.83.56', '175.16.199.1'];
const FARM_IP = '185.220.101.1';
const EVENTS = 90;

// Gives the ids of an event, an address and a rule worth looking at.
export async function fill(portcullis, password) {
  const call = async (method, path, { token, key, bearer, fraudsense, body }) => {
    const headers = { 'Content-Type': 'application/json', ...((token ?? bearer) && { Authorization: `Bearer ${token ?? bearer}` }), ...(key && { 'x-api-key': key }), ...(fraudsense && { 'X-FraudSense-Key': fraudsense }) };
    const response = await fetch(portcullis.base + path, { method, headers, body: JSON.stringify(body) });
    assert.ok(response.ok, `${method} ${path}: ${response.status} ${await response.clone().text()}`);
    return response.json();
  };
  const root = { token: portcullis.token };
  for (const [slug, name] of [['acme', 'Acme Inc.'], ['empty', 'Initech']]) {
    await call('POST', '/api/v1/admin/clients', { ...root, body: { name, slug } });
    for (const [who, role] of [['admin', 'CLIENT_ADMIN'], ['analyst', 'ANALYST'], ['viewer', 'VIEWER']]) {
      await call('POST', `/api/v1/admin/clients/${slug}/users`, { ...root, body: { email: `${who}@${slug}.example`, password, role } });
    }
  }
  await call('PATCH', '/api/v1/admin/reputation/tor-exits', { ...root, body: { add: [FARM_IP] } });
  const { token } = await call('POST', '/v1/auth/login', { body: { email: 'admin@acme.example', password } });
  const own = (path, body) => call('POST', `/api/v1/client/${path}`, { token, body });
  const { key } = await own('api-keys', { name: 'signup backend', dialect: 'ingest', mode: 'live' });
  await own('api-keys', { name: 'staging', dialect: 'ingest', mode: 'test', allowedIps: ['192.0.2.0/24'] });
  await own('custom-rules', { name: 'Tor and throw-away mail', description: 'Hardly ever a customer', condition: 'ip.is_tor AND email.is_disposable', action: 'review', scoreAdjustment: 200 });
  const rule = await own('custom-rules', { name: 'Shared device', description: 'More than two accounts, but not in the office', condition: "device.linked_accounts > 2\nAND NOT ip.address = '192.0.2.7'", action: 'flag', scoreAdjustment: 300, mode: 'shadow' });
  await own('lists', { list: 'block', kind: 'ip', value: '203.0.113.0/24', reason: 'card testing' });
  await own('lists', { list: 'watch', kind: 'user', value: 'user-7', expiresAt: '2099-01-31T00:00:00Z' });
  await own('velocity-rules', { name: 'Log-ins of a user', description: 'Five tries are plenty', action: 'login', limit: 5, window: '15m', scope: 'user_id', cooldown: '30m' });
  await own('velocity-rules', { name: 'Codes to an address', action: 'send_code', limit: 20, window: '1h', scope: 'ip_address', onExceed: 'challenge', mode: 'shadow' });
  const attempt = () => call('POST', '/v1/fraud/velocity/check', { bearer: key, body: { action: 'login', user_id: 'user-3' } });
  for (let index = 0; index < 7; index += 1) await attempt();
  const { key: appKey } = await own('api-keys', { name: 'app', dialect: 'fraudsense', mode: 'live' });
  for (const [deviceId, model, riskScore] of [['fs_a3f9b2c1d4e5', 'iPhone 15', 5], ['fs_b7c1d0e2f4a6', 'Pixel 8', 64], ['fs_a3f9b2c1d4e5', 'iPhone 15', 12]]) {
    const body = { deviceId, sessionId: `sess_${model}_${riskScore}`, eventType: 'LOGIN', riskScore, deviceProfile: { model, os: model === 'Pixel 8' ? 'Android 15' : 'iOS 17', isEmulator: false, isRooted: riskScore > 50 } };
    await call('POST', '/v1/risk/score', { fraudsense: appKey, body });
  }
  const random = randomFrom(7);
  let event;
  let email;
  for (let index = 0; index < EVENTS; index += 1) {
    const isFarm = random() < 0.3;
    const body = signup(isFarm, index, random);
    const { eventId } = await call('POST', '/api/v1/events/ingest', { key, body });
    if (isFarm) event = eventId;
    else email ??= body.email;
  }
  const testKey = (await own('api-keys', { name: 'trial', dialect: 'ingest', mode: 'test' })).key;
  for (let index = 0; index < 12; index += 1) await call('POST', '/api/v1/events/ingest', { key: testKey, body: signup(index % 3 === 0, index, random) });
  const signal = (body) => call('POST', '/v1/fraud/signals', { bearer: key, body });
  await signal({ type: 'chargeback', user_id: 'user-1', description: 'card reported stolen', details: { amount: 5000, currency: 'EUR' } });
  await signal({ type: 'account_takeover', severity: 'critical', user_id: 'user-2' });
  const waiting = await (await fetch(`${portcullis.base}/api/v1/client/reviews`, { headers: { Authorization: `Bearer ${token}` } })).json();
  await own(`reviews/${waiting.items[0].id}/resolve`, { decision: 'reject', notes: 'the same card as yesterday' });
  const webhook = await own('webhooks', { url: 'https://example.com/hooks/fraud', description: 'case management', types: ['fraud.device.blocked'] });
  return { event, email, ip: FARM_IP, rule: rule.id, webhook: webhook.id, token, key };
}

function signup(isFarm, index, random) {
  const person = isFarm ? index : Math.floor(random() * 40);
  return {
    type: random() < 0.6 ? 'SIGNUP' : 'LOGIN',
    email: `user-${person}@${isFarm ? 'mailinator.com' : 'example.com'}`,
    externalUserId: `user-${person}`,
    ip: isFarm ? FARM_IP : HOMES[person % HOMES.length],
    device: {
      userAgent: AGENT,
      screen: { width: 1920, height: 1080, pixelRatio: 1 },
      timezone: 'Europe/Berlin',
      language: 'de-DE',
      hardwareConcurrency: 8,
      platform: 'Win32',
      clientFingerprint: isFarm ? `farm-${index % 3}` : `home-${person}`,
    },
    behavior: { formStartedAt: 1, formSubmittedAt: isFarm ? 900 : 14_000, mousePath: [], keystrokeCount: isFarm ? 0 : 40 },
  };
}
