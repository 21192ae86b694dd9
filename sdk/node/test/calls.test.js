import assert from 'node:assert/strict';
import { it } from 'node:test';

import { answer, clientOf } from './fake.js';
import { CALLS } from './table.js';

const EMPTY_PAGE = { object: 'list', data: [], has_more: false, next_cursor: null };
const find = (client, name) => name.split('.').reduce((at, part) => at[part], client);

// The names of all functions of an object, with those of the objects in it.
function names(object, above = []) {
  return Object.entries(object).flatMap(([name, value]) => {
    const path = [...above, name];
    return typeof value === 'function' ? [path.join('.')] : names(value, path);
  });
}

it('has the calls of the table, and no others', () => {
  const { client } = clientOf([]);
  assert.deepEqual(names(client).sort(), ['webhooks.verify', ...CALLS.map(({ name }) => name)].sort());
});

for (const { name, method, path, takes } of CALLS) {
  it(`${name} is ${method} ${path}`, async () => {
    const { client, asked } = clientOf([answer(EMPTY_PAGE)]);
    const values = { id: 'a/b?c', params: { limit: 3, note: null } };
    await find(client, name)(...takes.map((what) => values[what]), { idempotencyKey: 'order-000001' });
    const [{ method: sent, url, json, headers }] = asked;
    assert.equal(sent, method);
    assert.equal(url.pathname, path.replace('{id}', 'a%2Fb%3Fc'));
    const hasBody = takes.includes('params') && method !== 'GET';
    assert.deepEqual(json, hasBody ? values.params : undefined);
    assert.equal(headers['Content-Type'], hasBody ? 'application/json' : undefined);
    assert.equal(url.search, takes.includes('params') && method === 'GET' ? '?limit=3' : '');
    assert.equal(headers['Idempotency-Key'], method === 'POST' ? 'order-000001' : undefined);
  });
}

it('takes no id that would name another path', () => {
  const { client, asked } = clientOf([answer({})]);
  for (const id of ['', '.', '..', undefined, null, 7]) {
    assert.throws(() => client.fraud.rules.delete(id), TypeError, String(id));
  }
  assert.equal(asked.length, 0);
});

it('may leave out notes and filters', async () => {
  const { client, asked } = clientOf([answer(EMPTY_PAGE)]);
  await client.fraud.signals.confirm('sig_1');
  await client.fraud.signals.list();
  await client.fraud.analytics.summary();
  assert.deepEqual(asked.map(({ url, json }) => [url.search, json]), [['', undefined], ['', undefined], ['', undefined]]);
});
