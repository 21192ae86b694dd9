// What goes wrong, as objects: one class for each `type` of error that the API tells.

export class TxCloudError extends Error {
  // `status`, `type`, `code`, `param`, `requestId` and `retryAfter` (seconds); null is what is not known.
  constructor(message, { status = null, type, code = null, param = null, requestId = null, retryAfter = null, cause }) {
    super(message, cause === undefined ? undefined : { cause });
    Object.assign(this, { status, type, code, param, requestId, retryAfter });
  }

  get name() {
    return this.constructor.name;
  }
}

export class ValidationError extends TxCloudError {}
export class AuthenticationError extends TxCloudError {}
export class AuthorizationError extends TxCloudError {}
export class NotFoundError extends TxCloudError {}
export class ConflictError extends TxCloudError {}
export class IdempotencyError extends TxCloudError {}
export class RateLimitError extends TxCloudError {}
export class ApiError extends TxCloudError {}

// No answer came: `code` is `timeout` or `connection_failed`, and `cause` is what `fetch` said.
export class ConnectionError extends TxCloudError {
  constructor(message, { code, cause }) {
    super(message, { type: 'connection_error', code, cause });
  }
}

// A message that can not be shown to be from the server: `code` says why.
export class WebhookError extends TxCloudError {
  constructor(message, code) {
    super(message, { type: 'webhook_error', code });
  }
}

const CLASSES = {
  validation_error: ValidationError,
  authentication_error: AuthenticationError,
  authorization_error: AuthorizationError,
  not_found_error: NotFoundError,
  conflict_error: ConflictError,
  idempotency_error: IdempotencyError,
  rate_limit_error: RateLimitError,
  api_error: ApiError,
};

// For answers that are not of the API, such as a proxy's.
const TYPES = {
  401: 'authentication_error',
  403: 'authorization_error',
  404: 'not_found_error',
  409: 'conflict_error',
  429: 'rate_limit_error',
};

// The error that an answer of `status` tells; `json` is undefined when its body is no JSON.
export function errorOf(status, headers, json) {
  const told = json?.error ?? {};
  const usual = TYPES[status] ?? (status >= 400 && status < 500 ? 'validation_error' : 'api_error');
  const type = told.type ?? usual;
  return new (CLASSES[type] ?? ApiError)(told.message ?? `The server answered ${status}.`, {
    status,
    type,
    code: told.code,
    param: told.param,
    requestId: told.request_id ?? headers.get('x-request-id'),
    retryAfter: told.retry_after ?? seconds(headers.get('retry-after')),
  });
}

// A `Retry-After` of whole seconds; the form with a date would depend on this machine's clock.
function seconds(text) {
  return /^\d+$/.test(text ?? '') ? Number(text) : null;
}
