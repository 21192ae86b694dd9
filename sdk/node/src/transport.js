// One call over HTTP: a deadline for each attempt, retries with the same idempotency key, answers as JSON.

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { ApiError, ConnectionError, errorOf } from './errors.js';
import { delayMs, isWorthRetrying } from './retry.js';

// The version of this package.
const AGENT = 'portcullis-node/0.1.0';

export class Transport {
  // Private, so that nothing that prints a client prints the key.
  #apiKey;
  #base;
  #defaults;
  #fetch;
  #wait;
  #random;

  constructor(
    { apiKey, baseUrl = 'http://127.0.0.1:8080', timeoutMs = 30_000, maxRetries = 2, maxRetryDelayMs = 10_000, fetch } = {},
    { wait = (ms, signal) => sleep(ms, undefined, { signal }), random = Math.random } = {},
  ) {
    // Not in the message: it would be in logs. What no header may hold, fetch would complain of with the text.
    if (typeof apiKey !== 'string' || !/^[\x21-\x7e]+$/.test(apiKey)) throw new TypeError('apiKey must be an API key');
    this.#apiKey = apiKey;
    this.#base = checkedBase(baseUrl);
    this.#defaults = { timeoutMs, maxRetries, maxRetryDelayMs };
    checkNumbers(this.#defaults);
    this.#fetch = fetch ?? ((...args) => globalThis.fetch(...args));
    this.#wait = wait;
    this.#random = random;
  }

  // The JSON of the answer. `options` are a call's own: signal, timeoutMs, maxRetries, maxRetryDelayMs, idempotencyKey.
  async request(method, path, { query, body, options = {} }) {
    const settings = { ...this.#defaults, ...given(options) };
    checkNumbers(settings);
    const url = this.#base + path + search(query);
    const init = { method, headers: this.#headers(method, body, settings.idempotencyKey), redirect: 'manual' };
    if (body !== undefined) init.body = JSON.stringify(body);
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#attempt(url, init, settings);
      } catch (error) {
        if (attempt > settings.maxRetries || !isWorthRetrying(error)) throw error;
        const ms = delayMs(attempt, error.retryAfter, this.#random());
        // Who would have to wait long is asked, rather than kept waiting.
        if (error.retryAfter * 1_000 > settings.maxRetryDelayMs) throw error;
        await this.#pause(ms, settings.signal);
      }
    }
  }

  #headers(method, body, idempotencyKey) {
    const headers = { Authorization: `Bearer ${this.#apiKey}`, Accept: 'application/json', 'User-Agent': AGENT };
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    if (method === 'POST') headers['Idempotency-Key'] = idempotencyKey ?? randomUUID();
    return headers;
  }

  async #attempt(url, init, { signal, timeoutMs }) {
    signal?.throwIfAborted();
    const { status, headers, text } = await this.#exchange(url, init, signal, timeoutMs);
    const json = parsed(text);
    if (status < 200 || status > 299) throw errorOf(status, headers, json);
    if (json === undefined) {
      throw new ApiError('The answer is no JSON: is baseUrl right?', { status, type: 'api_error', requestId: headers.get('x-request-id') });
    }
    return json;
  }

  async #exchange(url, init, signal, timeoutMs) {
    const controller = new AbortController();
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      controller.abort();
    }, timeoutMs);
    const cancel = () => controller.abort(signal.reason);
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      const response = await this.#fetch(url, { ...init, signal: controller.signal });
      return { status: response.status, headers: response.headers, text: await response.text() };
    } catch (cause) {
      signal?.throwIfAborted();
      if (isLate) throw new ConnectionError(`The server did not answer within ${timeoutMs} ms.`, { code: 'timeout', cause });
      throw new ConnectionError('The server can not be reached.', { code: 'connection_failed', cause });
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', cancel);
    }
  }

  async #pause(ms, signal) {
    try {
      await this.#wait(ms, signal);
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    }
  }
}

function checkedBase(baseUrl) {
  const url = new URL(baseUrl);
  const isPlain = /^https?:$/.test(url.protocol) && !url.username && !url.password && !url.search && !url.hash;
  if (!isPlain) throw new TypeError('baseUrl must be an http or https URL without user, query or fragment');
  return url.href.replace(/\/+$/, '');
}

function checkNumbers({ timeoutMs, maxRetries, maxRetryDelayMs }) {
  // Longer timers fire at once.
  if (!(timeoutMs > 0 && timeoutMs < 2 ** 31)) throw new TypeError('timeoutMs must be a number of milliseconds above 0');
  if (!(Number.isInteger(maxRetries) && maxRetries >= 0)) throw new TypeError('maxRetries must be a whole number from 0');
  if (!(maxRetryDelayMs >= 0)) throw new TypeError('maxRetryDelayMs must be a number of milliseconds from 0');
}

function given(options) {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function search(query = {}) {
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
  return pairs.length > 0 ? `?${new URLSearchParams(pairs.map(([name, value]) => [name, String(value)]))}` : '';
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
