// Whether a message is from the server, and new: Standard Webhooks 1.0.0, or the signature of the body alone.

import { createHmac, timingSafeEqual } from 'node:crypto';

import { WebhookError } from './errors.js';

const TOLERANCE_S = 300;
const SECRET = /^whsec_((?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)$/;

const SCHEMES = {
  standard: { time: 'webhook-timestamp', signature: 'webhook-signature', isSigned: standard },
  txcloud: { time: 'x-txcloud-timestamp', signature: 'x-txcloud-signature', isSigned: ofBody },
};

// Gives the message, parsed. `payload` is the body as it came, a string or bytes; `headers` an object or `Headers`. `scheme` is
// which signature counts: `txcloud` does not cover the time, so who has one message can send it again at any time.
export function verifyWebhook(payload, headers, secret, { scheme = 'standard', toleranceSeconds = TOLERANCE_S, now = Date.now() } = {}) {
  const known = Object.hasOwn(SCHEMES, scheme) ? SCHEMES[scheme] : undefined;
  if (!known) throw new TypeError('scheme must be standard or txcloud');
  if (!(toleranceSeconds >= 0)) throw new TypeError('toleranceSeconds must be a number from 0');
  const body = bytes(payload);
  const key = keyOf(secret);
  const header = reader(headers);
  const time = header(known.time);
  if (!/^\d{1,12}$/.test(time) || !(Math.abs(Number(now) / 1_000 - Number(time)) <= toleranceSeconds)) {
    throw new WebhookError('The message is too old, or from the future.', 'timestamp_out_of_tolerance');
  }
  if (!known.isSigned({ key, body, time, header, signature: header(known.signature) })) {
    throw new WebhookError('The signature does not fit the message.', 'invalid_signature');
  }
  return parsed(body);
}

// One signature that fits is enough: after the secret was rotated there are two.
function standard({ key, body, time, header, signature }) {
  const signed = createHmac('sha256', key).update(`${header('webhook-id')}.${time}.`).update(body).digest();
  const given = signature.split(' ').filter((part) => part.startsWith('v1,'));
  return given.map((part) => isSame(Buffer.from(part.slice(3), 'base64'), signed)).includes(true);
}

function ofBody({ key, body, signature }) {
  return isSame(Buffer.from(signature, 'hex'), createHmac('sha256', key).update(body).digest());
}

function isSame(given, expected) {
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function keyOf(secret) {
  const [, text] = SECRET.exec(secret) ?? [];
  if (!text) throw new TypeError('secret must be whsec_ and Base64, as it was shown when the webhook was made');
  return Buffer.from(text, 'base64');
}

function bytes(payload) {
  if (typeof payload === 'string' || payload instanceof Uint8Array) return Buffer.from(payload);
  throw new TypeError('payload must be the body as it came, a string or bytes: a parsed one is another text');
}

// Finds a header by its name in lower case, whichever case and kind of object it is in.
function reader(headers) {
  const all = typeof headers?.entries === 'function' ? headers.entries() : Object.entries(headers ?? {});
  const lower = new Map([...all].map(([name, value]) => [name.toLowerCase(), value]));
  return (name) => {
    const value = lower.get(name);
    if (typeof value !== 'string' || value === '') throw new WebhookError(`The header ${name} is missing.`, 'missing_header');
    return value;
  };
}

function parsed(body) {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new WebhookError('The message is no JSON.', 'invalid_payload');
  }
}
