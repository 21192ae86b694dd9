// Reading from the API in components.

import { useCallback, useEffect, useRef, useState } from 'react';

import { Problem, request, withQuery } from './api';
import type { Page } from './types';

export interface Loaded<T> {
  data: T | undefined;
  problem: Problem | undefined;
  isLoading: boolean;
  reload: () => void;
  /** Shows this until the next reload: what a change answered with. */
  set: (data: T) => void;
}

function asProblem(error: unknown): Problem {
  return error instanceof Problem ? error : new Problem(0, 'Something went wrong on this page.');
}

/** What `path` answers; loads again when it changes, and keeps what was there until then. Nothing for null. */
export function useGet<T>(path: string | null, everyMs?: number): Loaded<T> {
  const [state, setState] = useState<{ path?: string; data?: T; problem?: Problem }>({});
  const [round, setRound] = useState(0);
  const [isLoading, setLoading] = useState(path !== null);
  useEffect(() => {
    if (path === null) return;
    const controller = new AbortController();
    const load = async () => {
      setLoading(true);
      try {
        const data = await request<T>('GET', path, undefined, controller.signal);
        setState({ path, data });
      } catch (error) {
        if (controller.signal.aborted) return;
        setState((before) => ({ ...(before.path === path ? before : {}), path, problem: asProblem(error) }));
      }
      setLoading(false);
    };
    void load();
    const timer = everyMs && setInterval(() => document.hidden || void load(), everyMs);
    return () => {
      controller.abort();
      if (timer) clearInterval(timer);
    };
  }, [path, everyMs, round]);
  const set = useCallback((data: T) => setState((before) => ({ ...before, data })), []);
  const reload = useCallback(() => setRound((before) => before + 1), []);
  return { data: state.data, problem: state.problem, isLoading, reload, set };
}

export interface LoadedPages<T> {
  items: T[] | undefined;
  problem: Problem | undefined;
  isLoading: boolean;
  more: (() => void) | undefined;
  reload: () => void;
}

/** The pages of a list, one after the other as they are asked for. */
export function usePages<T>(path: string, params: Record<string, string | null | undefined> = {}): LoadedPages<T> {
  const address = withQuery(path, { limit: 50, ...params });
  const [items, setItems] = useState<T[]>();
  const [next, setNext] = useState<string | null>(null);
  const [problem, setProblem] = useState<Problem>();
  const [isLoading, setLoading] = useState(true);
  const running = useRef<AbortController>(undefined);

  const load = useCallback(
    async (after: string | null) => {
      running.current?.abort();
      const controller = new AbortController();
      running.current = controller;
      setLoading(true);
      try {
        const separator = address.includes('?') ? '&' : '?';
        const from = after ? `${address}${separator}after=${encodeURIComponent(after)}` : address;
        const page = await request<Page<T>>('GET', from, undefined, controller.signal);
        setItems((before) => (after ? [...(before ?? []), ...page.items] : page.items));
        setNext(page.nextCursor);
        setProblem(undefined);
      } catch (error) {
        if (controller.signal.aborted) return;
        setProblem(asProblem(error));
      }
      setLoading(false);
    },
    [address],
  );
  useEffect(() => {
    void load(null);
    return () => running.current?.abort();
  }, [load]);
  const more = next === null ? undefined : () => void load(next);
  return { items, problem, isLoading, more, reload: () => void load(null) };
}

/** Every item of a list, for exports: page after page, at most `most` items. */
export async function everything<T>(path: string, params: Record<string, string | null | undefined>, most: number): Promise<T[]> {
  const all: T[] = [];
  let after: string | null = null;
  do {
    const page: Page<T> = await request('GET', withQuery(path, { limit: 200, ...params, after }));
    all.push(...page.items);
    after = page.nextCursor;
  } while (after && all.length < most);
  return all.slice(0, most);
}

export interface Action<A extends unknown[]> {
  run: (...args: A) => Promise<void>;
  isRunning: boolean;
  problem: Problem | undefined;
  clear: () => void;
}

/** Something that a person sets off: one at a time, its problem kept for showing. */
export function useAction<A extends unknown[]>(work: (...args: A) => Promise<void>): Action<A> {
  const [isRunning, setRunning] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const busy = useRef(false);
  const run = async (...args: A) => {
    if (busy.current) return;
    busy.current = true;
    setRunning(true);
    setProblem(undefined);
    try {
      await work(...args);
    } catch (error) {
      setProblem(asProblem(error));
    } finally {
      busy.current = false;
      setRunning(false);
    }
  };
  return { run, isRunning, problem, clear: () => setProblem(undefined) };
}
