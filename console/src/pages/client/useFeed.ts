// The newest events, kept up to date by a stream from the server; by asking again and again where there is none.

import { useCallback, useEffect, useRef, useState } from 'react';

import { Problem, request, withQuery } from '../../api';
import type { EventSummary, Page } from '../../types';

const POLL_MS = 3_000;
/** After so long a lost stream is tried again. */
const RETRY_MS = 30_000;
/** What arrives within this time is shown at once: a table that changes with every event could not be read. */
const GATHER_MS = 250;
/** Rows that are kept while the feed runs; the rest is one click away. */
const MOST_SHOWN = 500;
export const MOST_WAITING = 200;

export interface Feed {
  items: EventSummary[] | undefined;
  waiting: EventSummary[];
  fresh: Set<string>;
  next: string | null;
  problem: Problem | undefined;
  isLoading: boolean;
  isPaused: boolean;
  /** How new events get here; `off` when none can: the time is over that was asked for. */
  link: 'connecting' | 'live' | 'polling' | 'off';
  pause: (isPaused: boolean) => void;
  /** While somebody points at the rows, new ones wait. */
  hold: (isHeld: boolean) => void;
  take: () => void;
  more: () => void;
  reload: () => void;
}

type Filters = Record<string, string>;

export function useFeed(path: string, filters: Filters): Feed {
  const address = withQuery(path, { limit: 50, ...filters });
  const [items, setItems] = useState<EventSummary[]>();
  const [waiting, setWaiting] = useState<EventSummary[]>([]);
  const [fresh, setFresh] = useState(new Set<string>());
  const [next, setNext] = useState<string | null>(null);
  const [problem, setProblem] = useState<Problem>();
  const [isLoading, setLoading] = useState(true);
  const [isPaused, setPaused] = useState(false);
  const [round, setRound] = useState(0);
  const isHeld = useRef(false);
  const isStill = useRef(isPaused);
  isStill.current = isPaused;

  const load = useCallback(
    async (after: string | null, signal?: AbortSignal) => {
      setLoading(true);
      try {
        const page = await request<Page<EventSummary>>('GET', address + (after ? `&after=${encodeURIComponent(after)}` : ''), undefined, signal);
        setItems((before) => (after ? [...(before ?? []), ...page.items] : page.items));
        setNext(page.nextCursor);
        setProblem(undefined);
      } catch (error) {
        if (!signal?.aborted && error instanceof Problem) setProblem(error);
      }
      if (!signal?.aborted) setLoading(false);
    },
    [address],
  );
  useEffect(() => {
    const controller = new AbortController();
    setWaiting([]);
    setItems(undefined);
    void load(null, controller.signal);
    return () => controller.abort();
  }, [load, round]);

  const show = useCallback((arrived: EventSummary[]) => {
    setFresh(new Set(arrived.map((event) => event.id)));
    setItems((before) => newestFirst(arrived, before ?? []).slice(0, Math.max(MOST_SHOWN, before?.length ?? 0)));
    setWaiting([]);
  }, []);
  const arrive = useCallback(
    (arrived: EventSummary[]) => {
      if (isHeld.current || isStill.current) setWaiting((before) => newestFirst(arrived, before).slice(0, MOST_WAITING));
      else show(arrived);
    },
    [show],
  );
  const reload = useCallback(() => setRound((before) => before + 1), []);
  const link = useArrivals(path, filters, items, arrive, reload, setProblem);

  return {
    items,
    waiting,
    fresh,
    next,
    problem,
    isLoading,
    isPaused,
    link,
    pause: setPaused,
    hold: (held) => {
      isHeld.current = held;
    },
    take: () => show(waiting),
    more: () => void load(next),
    reload,
  };
}

/** Both together, without doubles. */
function newestFirst(arrived: EventSummary[], before: EventSummary[]): EventSummary[] {
  const known = new Set(before.map((event) => event.id));
  return [...arrived.filter((event) => !known.has(event.id)), ...before];
}

/** Tells of new events, newest first, from when the first page is there. */
function useArrivals(path: string, filters: Filters, items: EventSummary[] | undefined, arrive: (events: EventSummary[]) => void, reload: () => void, fail: (problem: Problem | undefined) => void): Feed['link'] {
  const { from: _, to, ...stream } = filters;
  const isOver = Boolean(to && Date.parse(to) < Date.now());
  const query = JSON.stringify(stream);
  const list = withQuery(path, { limit: 50, ...filters });
  const [link, setLink] = useState<Feed['link']>('connecting');
  const [attempt, setAttempt] = useState(0);
  const isHidden = useHidden();
  const isLoaded = items !== undefined;
  const newest = useRef('');
  const first = items?.[0]?.id ?? '';
  if (first > newest.current || !isLoaded) newest.current = first;

  useEffect(() => {
    if (!isLoaded || isHidden || isOver || link === 'polling') return;
    setLink('connecting');
    const gathered: EventSummary[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const source = new EventSource(withQuery(`${path}/stream`, { ...(JSON.parse(query) as Filters), since: newest.current }));
    source.onopen = () => {
      setLink('live');
      fail(undefined);
    };
    source.addEventListener('event', (message: MessageEvent<string>) => {
      gathered.unshift(JSON.parse(message.data) as EventSummary);
      newest.current = message.lastEventId;
      timer ??= setTimeout(() => {
        timer = undefined;
        arrive(gathered.splice(0));
      }, GATHER_MS);
    });
    source.addEventListener('reset', reload);
    // The browser comes back by itself, unless it was refused.
    source.onerror = () => setLink(source.readyState === EventSource.CLOSED ? 'polling' : 'connecting');
    return () => {
      source.close();
      clearTimeout(timer);
      if (gathered.length > 0) arrive(gathered);
    };
    // `link` alone is no reason to begin anew: only that polling is over.
  }, [path, query, isLoaded, isHidden, isOver, attempt, arrive, reload, fail]);

  useEffect(() => {
    if (link !== 'polling' || isHidden) return;
    const controller = new AbortController();
    const look = async () => {
      try {
        const page = await request<Page<EventSummary>>('GET', list, undefined, controller.signal);
        const arrived = page.items.filter((event) => event.id > newest.current);
        if (arrived[0]) newest.current = arrived[0].id;
        if (arrived.length > 0) arrive(arrived);
        fail(undefined);
      } catch (error) {
        if (!controller.signal.aborted && error instanceof Problem) fail(error);
      }
    };
    const polls = setInterval(() => void look(), POLL_MS);
    const again = setTimeout(() => {
      setLink('connecting');
      setAttempt((before) => before + 1);
    }, RETRY_MS);
    return () => {
      controller.abort();
      clearInterval(polls);
      clearTimeout(again);
    };
  }, [link, isHidden, list, arrive, fail]);

  return isOver ? 'off' : link;
}

/** Whether nobody sees the page: then it asks for nothing. */
function useHidden(): boolean {
  const [isHidden, setHidden] = useState(document.hidden);
  useEffect(() => {
    const look = () => setHidden(document.hidden);
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, []);
  return isHidden;
}
