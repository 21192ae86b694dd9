import assert from 'node:assert/strict';
import { it } from 'node:test';

import { answer, clientOf, refusal } from './fake.js';

const page = (ids, next_cursor = null) =>
  answer({ object: 'list', data: ids.map((id) => ({ id })), has_more: next_cursor !== null, next_cursor });

async function ids(items) {
  const all = [];
  for await (const { id } of items) all.push(id);
  return all;
}

it('gives the first page to who waits for it', async () => {
  const { client, asked } = clientOf([page(['e', 'd'], 'd'), page(['c'])]);
  const first = await client.fraud.rules.list({ limit: 2 });
  assert.deepEqual({ ...first }, { object: 'list', data: [{ id: 'e' }, { id: 'd' }], has_more: true, next_cursor: 'd' });
  const second = await first.nextPage();
  assert.deepEqual([second.data, await second.nextPage()], [[{ id: 'c' }], null]);
  assert.deepEqual(asked.map(({ url }) => url.search), ['?limit=2', '?limit=2&starting_after=d']);
});

it('gives every item of every page', async () => {
  const { client, asked } = clientOf([page(['e', 'd'], 'd'), page(['c', 'b'], 'b'), page(['a'])]);
  assert.deepEqual(await ids(client.fraud.signals.list({ status: 'pending', limit: 2 })), ['e', 'd', 'c', 'b', 'a']);
  const kept = '?status=pending&limit=2';
  assert.deepEqual(asked.map(({ url }) => url.search), [kept, `${kept}&starting_after=d`, `${kept}&starting_after=b`]);
});

it('goes from where it began towards what is newer', async () => {
  const { client, asked } = clientOf([page(['c', 'b'], 'c'), page(['e', 'd'])]);
  assert.deepEqual(await ids(client.fraud.blocklist.list({ ending_before: 'a' })), ['b', 'c', 'd', 'e']);
  assert.deepEqual(asked.map(({ url }) => url.search), ['?ending_before=a', '?ending_before=c']);
});

it('asks for no more than is wanted', async () => {
  const { client, asked } = clientOf([page(['e', 'd'], 'd')]);
  for await (const { id } of client.fraud.reviews.list()) if (id === 'd') break;
  assert.equal(asked.length, 1);
});

it('begins with the page that it is asked of', async () => {
  const { client } = clientOf([page(['c'], 'c'), page(['b'], 'b'), page(['a'])]);
  const second = await (await client.fraud.devices.history('dev_1')).nextPage();
  assert.deepEqual(await ids(second), ['b', 'a']);
});

it('throws to who waits, and to who iterates', async () => {
  const { client } = clientOf([refusal(401)]);
  await assert.rejects(client.fraud.rules.list(), { status: 401 });
  await assert.rejects(ids(client.fraud.rules.list()), { status: 401 });
  const { client: later } = clientOf([page(['b'], 'b'), refusal(404)]);
  await assert.rejects(ids(later.fraud.rules.list()), { status: 404 });
});

it('passes the options on to every page', async () => {
  const { client, asked } = clientOf([page(['b'], 'b'), refusal(500)]);
  await assert.rejects(ids(client.fraud.rules.list({}, { maxRetries: 0 })), { status: 500 });
  assert.equal(asked.length, 2);
});
