import assert from 'node:assert/strict';
import { it } from 'node:test';

import * as sdk from '../src/index.js';
import { clientOf, refusal } from './fake.js';

const thrown = (answer) => clientOf([answer], { maxRetries: 0 }).client.fraud.settings.retrieve().catch((error) => error);

for (const [type, status, name] of [
  ['validation_error', 400, 'ValidationError'],
  ['authentication_error', 401, 'AuthenticationError'],
  ['authorization_error', 403, 'AuthorizationError'],
  ['not_found_error', 404, 'NotFoundError'],
  ['conflict_error', 409, 'ConflictError'],
  ['idempotency_error', 409, 'IdempotencyError'],
  ['rate_limit_error', 429, 'RateLimitError'],
  ['api_error', 500, 'ApiError'],
]) {
  it(`${type} is a ${name}`, async () => {
    const told = { type, code: 'some_code', message: 'What is wrong.', param: 'value', request_id: 'req_1', retry_after: 3 };
    const error = await thrown(refusal(status, told));
    assert.ok(error instanceof sdk[name] && error instanceof sdk.TxCloudError && error instanceof Error);
    const fields = { status, type, code: 'some_code', param: 'value', requestId: 'req_1', retryAfter: 3 };
    assert.deepEqual({ ...error }, fields);
    assert.equal(String(error), `${name}: What is wrong.`);
  });
}

it('knows an error by its status when its body does not say', async () => {
  const names = { 400: 'ValidationError', 401: 'AuthenticationError', 403: 'AuthorizationError', 404: 'NotFoundError',
    409: 'ConflictError', 418: 'ValidationError', 429: 'RateLimitError', 502: 'ApiError', 302: 'ApiError' };
  for (const [status, name] of Object.entries(names)) {
    const error = await thrown(() => new Response('<html>', { status: Number(status), headers: { 'x-request-id': 'req_2', 'retry-after': '4' } }));
    assert.deepEqual([error.name, error.requestId, error.retryAfter, error.code, error.param], [name, 'req_2', 4, null, null]);
  }
});

it('takes types that it does not know for errors of the server', async () => {
  const error = await thrown(refusal(400, { type: 'new_error', message: 'New.' }));
  assert.deepEqual([error.name, error.type, error.status], ['ApiError', 'new_error', 400]);
});

it('leaves out a wait that is no number of seconds', async () => {
  const error = await thrown(refusal(503, {}, { 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' }));
  assert.equal(error.retryAfter, null);
});
