// The sample shop's backend: serves the pages of ../browser and asks Portcullis before it creates an account or logs
// somebody in. Node 20 or newer, nothing to install.

import { randomInt, randomUUID, scryptSync, timingSafeEqual, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

import { assess, reportOutcome } from './fraud.mjs';

const PORT = Number(process.env.PORT ?? 3000);
// Set this only behind a proxy of your own that adds the visitor's address to X-Forwarded-For.
const BEHIND_PROXY = process.env.BEHIND_PROXY === '1';

const LARGEST_BODY_BYTES = 64 * 1024;
const CODE_VALID_MS = 10 * 60 * 1000;
const CODE_TRIES = 5;

// The same words whatever the reason: nobody may learn from them which rule fired.
const TEXTS = {
  blocked: 'We can not do this right now. Please contact support.',
  invalid: 'Please check what you entered.',
  taken: 'There is an account with this e-mail address already.',
  wrongLogin: 'The e-mail address or the password is wrong.',
  wrongCode: 'The code is wrong or too old.',
};

const users = new Map(); // email → password hash; a real shop has a database.
const held = new Map(); // event id → what waits for its code

const BROWSER = new URL('../browser/', import.meta.url);
const FINGERPRINTJS =
  process.env.FINGERPRINTJS ?? new URL('node_modules/@fingerprintjs/fingerprintjs/dist/fp.umd.min.js', BROWSER);
const SDK = process.env.SDK ?? new URL('../../../sdk/browser/dist/form.js', BROWSER);
const FILES = {
  '/signup.html': [new URL('signup.html', BROWSER), 'text/html; charset=utf-8'],
  '/login.html': [new URL('login.html', BROWSER), 'text/html; charset=utf-8'],
  '/sdk-signup.html': [new URL('sdk-signup.html', BROWSER), 'text/html; charset=utf-8'],
  '/sdk-login.html': [new URL('sdk-login.html', BROWSER), 'text/html; charset=utf-8'],
  '/style.css': [new URL('style.css', BROWSER), 'text/css'],
  '/favicon.svg': [new URL('favicon.svg', BROWSER), 'image/svg+xml'],
  '/shop.js': [new URL('shop.js', BROWSER), 'text/javascript'],
  '/with-snippet.js': [new URL('with-snippet.js', BROWSER), 'text/javascript'],
  '/with-sdk.js': [new URL('with-sdk.js', BROWSER), 'text/javascript'],
  '/form.js': [SDK, 'text/javascript'],
  '/fraud-signals.js': [new URL('fraud-signals.js', BROWSER), 'text/javascript'],
  '/fp.umd.min.js': [FINGERPRINTJS, 'text/javascript'],
};
const HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-cache',
};

async function signup({ email, password, fraudSignals }, ip) {
  if (!isEmail(email) || typeof password !== 'string' || password.length < 8) return [400, { error: TEXTS.invalid }];
  const fraud = await assess({ type: 'SIGNUP', email, ip, fraudSignals });
  const createUser = () => {
    if (users.has(email)) return [409, { error: TEXTS.taken }];
    users.set(email, hashed(password));
    return [200, { user: { email }, eventId: fraud.eventId }];
  };
  return act(fraud, email, createUser);
}

async function login({ email, password, fraudSignals }, ip) {
  if (!isEmail(email) || typeof password !== 'string') return [400, { error: TEXTS.invalid }];
  // Before the password is looked at: who tries many accounts is known by the failures.
  const fraud = await assess({ type: 'LOGIN', email, ip, fraudSignals });
  const isRight = matches(password, users.get(email));
  if (fraud.decision !== 'BLOCK' && !isRight) return [401, { error: TEXTS.wrongLogin }];
  return act(fraud, email, () => [200, { user: { email }, eventId: fraud.eventId }]);
}

// Does what the decision says; `proceed` creates the account or starts the session.
function act(fraud, email, proceed) {
  switch (fraud.decision) {
    case 'ALLOW':
      return proceed();
    case 'CHALLENGE': {
      const id = fraud.eventId ?? randomUUID();
      const code = String(randomInt(1_000_000)).padStart(6, '0');
      held.set(id, { code, proceed, eventId: fraud.eventId, triesLeft: CODE_TRIES });
      setTimeout(() => held.delete(id), CODE_VALID_MS).unref();
      sendMail(email, `Your code is ${code}.`);
      return [200, { challenge: 'email_verification', eventId: id }];
    }
    case 'INVALID':
      return [400, { error: TEXTS.invalid }];
    default:
      console.log(`refused ${fraud.eventId}`); // Support looks it up when an honest person complains.
      return [403, { error: TEXTS.blocked }];
  }
}

async function verify({ eventId, code }) {
  const waiting = held.get(eventId);
  if (!waiting) return [403, { error: TEXTS.wrongCode }];
  waiting.triesLeft -= 1;
  const isRight = code === waiting.code;
  if (!isRight && waiting.triesLeft > 0) return [403, { error: TEXTS.wrongCode }];
  held.delete(eventId);
  if (waiting.eventId) await reportOutcome(waiting.eventId, isRight ? 'CHALLENGE_PASSED' : 'CHALLENGE_FAILED');
  return isRight ? waiting.proceed() : [403, { error: TEXTS.wrongCode }];
}

function isEmail(text) {
  return typeof text === 'string' && /^[^@\s]+@[^@\s]+$/.test(text);
}

function hashed(password) {
  const salt = randomBytes(16);
  return { salt, key: scryptSync(password, salt, 32) };
}

// Takes as long for an unknown address as for a known one.
function matches(password, hash) {
  const { salt, key } = hash ?? { salt: Buffer.alloc(16), key: Buffer.alloc(32) };
  return timingSafeEqual(scryptSync(password, salt, 32), key);
}

function sendMail(email, text) {
  console.log(`mail to ${email}: ${text}`); // A real shop sends it.
}

function visitorAddress(request) {
  // The right-most entry is the one that the own proxy wrote; everything left of it is the visitor's own word.
  const forwarded = BEHIND_PROXY && request.headers['x-forwarded-for']?.split(',').at(-1).trim();
  return forwarded || request.socket.remoteAddress;
}

async function readJson(request) {
  if (!request.headers['content-type']?.startsWith('application/json')) return undefined;
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > LARGEST_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  try {
    const body = JSON.parse(Buffer.concat(chunks).toString());
    return body !== null && typeof body === 'object' ? body : undefined;
  } catch {
    return undefined;
  }
}

const ACTIONS = { '/api/signup': signup, '/api/login': login, '/api/verify': verify };

async function answer(request, response) {
  const { pathname } = new URL(request.url, 'http://shop');
  if (request.method === 'POST' && Object.hasOwn(ACTIONS, pathname)) {
    const body = await readJson(request);
    const [status, json] = body ? await ACTIONS[pathname](body, visitorAddress(request)) : [400, { error: TEXTS.invalid }];
    response.writeHead(status, { ...HEADERS, 'Content-Type': 'application/json' }).end(JSON.stringify(json));
  } else if (request.method === 'GET' && Object.hasOwn(FILES, pathname)) {
    const [file, type] = FILES[pathname];
    response.writeHead(200, { ...HEADERS, 'Content-Type': type }).end(readFileSync(file));
  } else if (request.method === 'GET' && pathname === '/') {
    response.writeHead(302, { ...HEADERS, Location: '/signup.html' }).end();
  } else {
    response.writeHead(404, HEADERS).end();
  }
}

const server = createServer((request, response) => {
  answer(request, response).catch((error) => {
    console.error(error);
    if (!response.headersSent) response.writeHead(500, HEADERS);
    response.end();
  });
});
server.listen(PORT, '127.0.0.1', () => console.log(`shop on http://127.0.0.1:${server.address().port}`));
