// Someone in front of the page: a browser, and a hand that moves and types as hands do.

import { setTimeout as sleep } from 'node:timers/promises';

import { chromium } from 'playwright-core';

// Quiet: no request of the browser's own, and no name but the loopback address is ever looked up.
const QUIET = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
];

export function launch(...args) {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: [...QUIET, ...args] });
}

// What Chrome calls itself on this machine when somebody looks at it: the headless name, without the word.
export async function ordinaryUserAgent(browser) {
  const page = await browser.newPage();
  const agent = await page.evaluate(() => navigator.userAgent);
  await page.close();
  return agent.replace('HeadlessChrome', 'Chrome');
}

// A page that keeps lists of what it asks for and of everything that should not happen on it.
export async function openPage(browser, origin, path, options) {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(10_000);
  const faults = [];
  const requests = [];
  context.on('request', (request) => {
    const url = request.url();
    requests.push(url.replace(origin, ''));
    const isOwn = url.startsWith(`${origin}/`) || /^(data|blob|about):/.test(url);
    if (!isOwn) faults.push(`request to ${url}`);
  });
  context.on('weberror', (error) => faults.push(`uncaught ${error.error()}`));
  await context.addInitScript(() => {
    addEventListener('securitypolicyviolation', (event) => {
      console.error(`CSP: ${event.violatedDirective} refused ${event.blockedURI} at ${event.sourceFile}:${event.lineNumber}`);
    });
  });
  const page = await context.newPage();
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) faults.push(`console ${message.type()}: ${message.text()}`);
  });
  await page.goto(origin + path);
  return { page, faults, requests, close: () => context.close() };
}

// Sends a form by script, the moment it is there, and gives the shop's answer.
export async function submitByScript(page, fields) {
  const answer = shopAnswer(page);
  await page.evaluate((values) => {
    const form = document.querySelector('form[data-action]');
    for (const [name, value] of Object.entries(values)) form.elements[name].value = value;
    form.requestSubmit();
  }, fields);
  return answer;
}

// Fills in and sends a form as a person with a mouse does, in some seconds, and gives the shop's answer.
export async function submitByHand(page, fields, random) {
  const hand = new Hand(page, random);
  await sleep(400);
  for (const [name, value] of Object.entries(fields)) {
    await hand.click(`form[data-action] [name=${name}]`);
    await hand.type(value);
  }
  const answer = shopAnswer(page);
  await hand.click('form[data-action] button');
  return answer;
}

async function shopAnswer(page) {
  const response = await page.waitForResponse((response) => response.request().method() === 'POST');
  return { status: response.status(), json: await response.json(), sent: response.request().postDataJSON() };
}

// Random numbers from 0 to 1 that are the same in every run (mulberry32).
export function randomFrom(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

class Hand {
  constructor(page, random) {
    this.page = page;
    this.random = random;
    this.at = { x: 40, y: 80 };
  }

  between(low, high) {
    return low + this.random() * (high - low);
  }

  // An arc at the speed of a reach (minimum jerk), with tremor, a moment of doubt, and events as a mouse gives them.
  async move(to) {
    const from = this.at;
    const [dx, dy] = [to.x - from.x, to.y - from.y];
    const distance = Math.hypot(dx, dy);
    const bend = this.between(0.08, 0.22) * (this.random() < 0.5 ? -1 : 1);
    const durationMs = 350 + 110 * Math.log2(1 + distance / 20) + this.between(0, 200);
    const startedAt = performance.now();
    for (;;) {
      const part = Math.min((performance.now() - startedAt) / durationMs, 1);
      const reach = part ** 3 * (10 - 15 * part + 6 * part ** 2);
      const arc = Math.sin(Math.PI * reach) * bend;
      const tremor = () => (part < 1 ? this.between(-1.2, 1.2) : 0);
      this.at = { x: from.x + dx * reach - dy * arc + tremor(), y: from.y + dy * reach + dx * arc + tremor() };
      await this.page.mouse.move(this.at.x, this.at.y);
      if (part === 1) return;
      await sleep(this.between(6, 22));
    }
  }

  async click(selector) {
    const box = await this.page.locator(selector).boundingBox();
    const inside = (low, size) => low + size * this.between(0.3, 0.7);
    await this.move({ x: inside(box.x, box.width), y: inside(box.y, box.height) });
    await sleep(this.between(60, 180));
    await this.page.mouse.down();
    await sleep(this.between(50, 110));
    await this.page.mouse.up();
    await sleep(this.between(80, 250));
  }

  async type(text) {
    for (const character of text) {
      await this.page.keyboard.press(character, { delay: this.between(20, 60) });
      await sleep(this.between(25, 130));
    }
  }
}
