// From the server's counts to what charts show.

import type { CheckFigures, Figures, ScoreRange } from '../types';

type Interval = Figures['intervals'][number];

/** How many events had each decision. What is neither told nor refused was allowed. */
export function decisions({ events, flagged, challenged, reviewed, blocked }: Omit<Interval, 'from'>): Record<'allow' | 'flag' | 'challenge' | 'review' | 'block', number> {
  const allow = Math.max(0, events - flagged - challenged - reviewed - blocked);
  return { allow, flag: flagged, challenge: challenged, review: reviewed, block: blocked };
}

/** All intervals as one. */
export function total(intervals: Interval[]): Omit<Interval, 'from'> {
  const zero = { events: 0, flagged: 0, blocked: 0, challenged: 0, reviewed: 0, wouldBlock: 0, confirmed: 0, dismissed: 0 };
  for (const interval of intervals) {
    for (const name of Object.keys(zero) as (keyof typeof zero)[]) zero[name] += interval[name];
  }
  return zero;
}

const MOST_BARS = 16;

/** The scores of one API as bars of equal width, from 0 to the highest there is. */
export function scoreBars(scores: ScoreRange[], dialect: string): { label: string; count: number }[] {
  const own = scores.filter((range) => range.dialect === dialect);
  const highest = Math.max(0, ...own.map((range) => range.from));
  const step = Math.ceil((highest + 10) / MOST_BARS / 10) * 10;
  const bars = Array.from({ length: Math.floor(highest / step) + 1 }, (_, index) => ({ label: String(index * step), count: 0 }));
  for (const range of own) {
    const bar = bars[Math.floor(range.from / step)];
    if (bar) bar.count += range.events;
  }
  return bars;
}

/** The range in which the middle score of an API lies, as text; undefined without any. */
export function medianScore(scores: ScoreRange[], dialect: string): string | undefined {
  const own = scores.filter((range) => range.dialect === dialect);
  let left = own.reduce((sum, range) => sum + range.events, 0) / 2;
  for (const { from, to, events } of own) {
    left -= events;
    if (left <= 0) return to === null ? `${from} or more` : `${from} to ${to}`;
  }
  return undefined;
}

/** The APIs with scores, the one with most events first. */
export function scoredDialects(scores: ScoreRange[]): string[] {
  const counts = new Map<string, number>();
  for (const { dialect, events } of scores) counts.set(dialect, (counts.get(dialect) ?? 0) + events);
  return [...counts].sort(([, a], [, b]) => b - a).map(([dialect]) => dialect);
}

/** What held most, the dialects' own checks and the client's rules together. */
export function topRules({ checks, rules }: Pick<Figures, 'checks' | 'rules'>, most: number): { name: string; count: number }[] {
  const built = checks.map((check: CheckFigures) => ({ name: check.code, count: check.fired }));
  const own = rules.map((rule) => ({ name: rule.name, count: rule.fired }));
  return [...built, ...own].filter((each) => each.count > 0).sort((a, b) => b.count - a.count).slice(0, most);
}

/** `3.4 ms`. */
export function milliseconds(us: number): string {
  return `${Number((us / 1_000).toPrecision(2))} ms`;
}
