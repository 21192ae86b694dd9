// A server that is only a function: it gives the answers that it was given, and notes what it was asked.

import { TxCloud } from '../src/index.js';

export const KEY = 'txc_test_0123456789abcdef';

export function answer(json, { status = 200, headers = {} } = {}) {
  return () => new Response(typeof json === 'string' ? json : JSON.stringify(json), { status, headers });
}

export function refusal(status, error = {}, headers = {}) {
  return answer({ error }, { status, headers });
}

export function unreachable() {
  throw new TypeError('fetch failed');
}

// Never answers, but ends with its signal as `fetch` does.
export function silence(signal) {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
}

// A client of such a server; the last answer is given again and again. `waits` are the pauses that it made, ms.
export function clientOf(answers, options) {
  const [asked, waits] = [[], []];
  const fetch = async (url, init) => {
    asked.push({ ...init, url: new URL(url), json: init.body === undefined ? undefined : JSON.parse(init.body) });
    return answers[Math.min(asked.length, answers.length) - 1](init.signal);
  };
  const wait = async (ms) => void waits.push(ms);
  const client = new TxCloud({ apiKey: KEY, fetch, ...options }, { wait, random: () => 0.5 });
  return { client, asked, waits };
}
