// Somebody in a console: a page of their own, logged in, and checks that hold on every screen.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { openPage } from './visitor.mjs';

const AXE = readFileSync(new URL('../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

export async function logIn(browser, base, path, email, password, options) {
  const visit = await openPage(browser, base, path, { viewport: { width: 1360, height: 860 }, reducedMotion: 'reduce', ...options });
  const { page } = visit;
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('navigation', { name: 'Console' }).waitFor();
  // Away from where the button was: a feed that is pointed at holds still.
  await page.mouse.move(0, 0);
  return visit;
}

// Goes to a screen and waits until it shows what it has.
export async function goTo(page, base, path) {
  await page.goto(base + path);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.waitForLoadState('networkidle');
  await page.locator('.skeleton').first().waitFor({ state: 'detached' });
}

// What axe finds on the page as it is, as lines.
export async function axe(page) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate((values) => window.axe.run(document, { runOnly: { type: 'tag', values } }), RULES);
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(' ')} (${node.failureSummary?.split('\n').at(-1)?.trim()})`));
}

// The sum of the points of the waterfall, and the score below it.
export async function waterfall(page) {
  const points = await page.locator('.waterfall [data-points]').evaluateAll((cells) => cells.map((cell) => Number(cell.dataset.points)));
  const score = Number(await page.locator('.waterfall [data-score]').getAttribute('data-score'));
  return { sum: points.reduce((sum, each) => sum + Math.round(each * 100), 0) / 100, score, steps: points.length };
}

export function assertClean(faults) {
  assert.deepEqual(faults, []);
}
