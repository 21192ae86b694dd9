// A page and a form for tests, with what they need and no more. Their clock moves when it is told to.

import { webcrypto } from 'node:crypto';

import type { Page } from './page.ts';

type Listener = (event: unknown) => void;

export class FakeElement {
  readonly children: FakeElement[] = [];
  readonly listeners = new Map<string, Set<Listener>>();
  parent: FakeElement | undefined;
  [field: string]: unknown;

  addEventListener(type: string, listener: Listener): void {
    const known = this.listeners.get(type) ?? new Set();
    this.listeners.set(type, known.add(listener));
  }

  removeEventListener(type: string, listener: Listener): void {
    this.listeners.get(type)?.delete(listener);
  }

  // Tells the listeners what a person did; `isTrusted: false` for what a script did.
  fire(type: string, event: object = {}): void {
    this.listeners.get(type)?.forEach((listener) => listener({ type, isTrusted: true, ...event }));
  }

  // How many listen.
  heard(): number {
    return [...this.listeners.values()].reduce((sum, listeners) => sum + listeners.size, 0);
  }

  append(child: FakeElement): void {
    child.parent = this;
    this.children.push(child);
  }

  remove(): void {
    this.parent?.children.splice(this.parent.children.indexOf(this), 1);
  }

  asForm(): HTMLFormElement {
    return this as unknown as HTMLFormElement;
  }
}

export interface FakePage {
  page: Page;
  // Moves both clocks.
  advance(ms: number): void;
  // Does what was put off until the browser has time.
  idle(): void;
  // What the page was asked for, by name.
  touched: string[];
}

export const START_MS = 1_763_712_000_000;

export function fakePage(more: Record<string, unknown> = {}): FakePage {
  let elapsedMs = 0;
  const later: (() => void)[] = [];
  const stored = new Map<string, string>();
  const fields: Record<string, unknown> = {
    navigator: {
      userAgent: 'Mozilla/5.0 (X11; Linux x86_64)',
      language: 'en-GB',
      languages: ['en-GB', 'de'],
      platform: 'Linux x86_64',
      hardwareConcurrency: 8,
      deviceMemory: 16,
      maxTouchPoints: 0,
    },
    screen: { width: 1920, height: 1080, colorDepth: 24 },
    devicePixelRatio: 1.5,
    Intl: { DateTimeFormat: () => ({ resolvedOptions: () => ({ timeZone: 'Europe/London' }) }) },
    document: { createElement: (name: string) => Object.assign(new FakeElement(), { name, getContext: () => null }) },
    Date: { now: () => START_MS + Math.floor(elapsedMs) },
    performance: { now: () => elapsedMs },
    requestIdleCallback: (work: () => void) => void later.push(work),
    crypto: webcrypto,
    localStorage: {
      getItem: (name: string) => stored.get(name) ?? null,
      setItem: (name: string, value: string) => void stored.set(name, value),
      removeItem: (name: string) => void stored.delete(name),
    },
    ...more,
  };
  const touched: string[] = [];
  const page = new Proxy(fields, {
    get(target, name) {
      touched.push(String(name));
      return target[String(name)];
    },
  }) as unknown as Page;
  return { page, advance: (ms) => void (elapsedMs += ms), idle: () => later.splice(0).forEach((work) => work()), touched };
}
