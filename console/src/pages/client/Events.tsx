// The live feed: newest first, filters in the address, held still while somebody reads.

import { useCallback, useEffect, useRef, useState, type ReactElement } from 'react';

import { Problem, request, withQuery } from '../../api';
import { DECISIONS, titled } from '../../components/Decision';
import { EVENT_COLUMNS, EVENT_EXPORT } from '../../components/EventTable';
import { ExportButton, Table } from '../../components/Table';
import { Button, Card, Empty, Field, PageHead, ProblemNote, Skeleton } from '../../components/ui';
import { useQuery } from '../../router';
import type { EventSummary, Page } from '../../types';
import { FIRST_CALL } from './firstCall';

const PATH = '/api/v1/client/events';
const EVERY_MS = 3_000;
const TYPES = ['signup', 'login', 'payment', 'withdrawal', 'profile_update', 'visit', 'device_registration', 'verification', 'attempt'];
const FILTERS = ['decision', 'type', 'user', 'device', 'ip', 'from', 'to', 'mode'] as const;

export default function Events(): ReactElement {
  const [query, change] = useQuery();
  const filters = Object.fromEntries(FILTERS.map((name) => [name, query.get(name) ?? '']));
  const feed = useFeed(withQuery(PATH, { limit: 50, ...instants(filters) }));
  const isFiltered = FILTERS.some((name) => query.get(name));
  return (
    <>
      <PageHead title="Events" about="Everything that was judged, newest first, as it comes in.">
        <Button kind="small" icon={feed.isPaused ? 'play' : 'pause'} aria-pressed={feed.isPaused} onClick={() => feed.pause(!feed.isPaused)}>
          {feed.isPaused ? 'Resume' : 'Pause'}
        </Button>
        <ExportButton path={PATH} params={instants(filters)} columns={EVENT_EXPORT} name="events" />
      </PageHead>
      <Card flush>
        <Filters values={filters} change={change} />
        {feed.problem && (
          <div className="body">
            <ProblemNote problem={feed.problem} onRetry={feed.reload} />
          </div>
        )}
        <Waiting feed={feed} />
        <div onMouseEnter={() => feed.hold(true)} onMouseLeave={() => feed.hold(false)} onFocus={() => feed.hold(true)} onBlur={() => feed.hold(false)}>
          {!feed.items && !feed.problem && <Skeleton lines={10} />}
          {feed.items?.length === 0 && !feed.next && (isFiltered ? <NothingFound onClear={() => change(Object.fromEntries(FILTERS.map((name) => [name, ''])))} /> : <FirstEvent />)}
          {feed.items && feed.items.length > 0 && (
            <Table label="Events" columns={EVENT_COLUMNS} items={feed.items} id={(event) => event.id} rowClass={(event) => (feed.fresh.has(event.id) ? 'new' : '')} />
          )}
          {feed.next && (
            <footer className="row body">
              <Button onClick={feed.more} disabled={feed.isLoading}>
                Show more
              </Button>
              <span className="muted small">{feed.items?.length ?? 0} shown</span>
            </footer>
          )}
        </div>
      </Card>
    </>
  );
}

/** Local times of the filters as the API wants them. */
function instants(filters: Record<string, string>): Record<string, string> {
  const instant = (text: string | undefined) => (text && !Number.isNaN(Date.parse(text)) ? new Date(text).toISOString() : '');
  return { ...filters, from: instant(filters.from), to: instant(filters.to) };
}

function Filters({ values, change }: { values: Record<string, string>; change: (changes: Record<string, string>) => void }): ReactElement {
  const pick = (name: string, label: string, options: readonly string[], all: string) => (
    <Field label={label}>
      {(props) => (
        <select {...props} className="input" value={values[name]} onChange={(event) => change({ [name]: event.target.value })}>
          <option value="">{all}</option>
          {options.map((option) => (
            <option key={option} value={option}>{titled(option)}</option>
          ))}
        </select>
      )}
    </Field>
  );
  const type = (name: string, label: string, kind = 'text') => (
    <Field label={label}>{(props) => <Typed {...props} kind={kind} value={values[name] ?? ''} onDone={(value) => change({ [name]: value })} />}</Field>
  );
  return (
    <div className="filters" role="search" aria-label="Filter the events">
      {pick('decision', 'Decision', DECISIONS, 'Any')}
      {pick('type', 'Type', TYPES, 'Any')}
      {type('user', 'User id')}
      {type('ip', 'Address')}
      {type('device', 'Device')}
      {type('from', 'From', 'datetime-local')}
      {type('to', 'To', 'datetime-local')}
      {pick('mode', 'Data', ['test'], 'Live')}
    </div>
  );
}

/** A filter counts when somebody stops typing in it. */
function Typed({ value, onDone, kind, ...rest }: { id: string; value: string; kind: string; onDone: (value: string) => void }): ReactElement {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (text.trim() === value) return;
    const timer = setTimeout(() => onDone(text.trim()), 400);
    return () => clearTimeout(timer);
  });
  return <input {...rest} className="input" type={kind} value={text} onChange={(event) => setText(event.target.value)} />;
}

interface Feed {
  items: EventSummary[] | undefined;
  waiting: EventSummary[];
  fresh: Set<string>;
  next: string | null;
  problem: Problem | undefined;
  isLoading: boolean;
  isPaused: boolean;
  pause: (isPaused: boolean) => void;
  /** While somebody points at the rows, new ones wait. */
  hold: (isHeld: boolean) => void;
  take: () => void;
  more: () => void;
  reload: () => void;
}

function useFeed(address: string): Feed {
  const [items, setItems] = useState<EventSummary[]>();
  const [waiting, setWaiting] = useState<EventSummary[]>([]);
  const [fresh, setFresh] = useState(new Set<string>());
  const [next, setNext] = useState<string | null>(null);
  const [problem, setProblem] = useState<Problem>();
  const [isLoading, setLoading] = useState(true);
  const [isPaused, setPaused] = useState(false);
  const held = useRef(false);
  const [round, setRound] = useState(0);

  const load = useCallback(
    async (after: string | null, signal?: AbortSignal) => {
      setLoading(true);
      try {
        const page = await request<Page<EventSummary>>('GET', withQuery(address, {}) + (after ? `&after=${encodeURIComponent(after)}` : ''), undefined, signal);
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
    void load(null, controller.signal);
    return () => controller.abort();
  }, [load, round]);

  const show = useCallback((arrived: EventSummary[]) => {
    setFresh(new Set(arrived.map((event) => event.id)));
    setItems((before) => [...arrived, ...(before ?? [])]);
    setWaiting([]);
  }, []);

  useEffect(() => {
    if (!items) return;
    const controller = new AbortController();
    const look = async () => {
      if (document.hidden) return;
      try {
        const page = await request<Page<EventSummary>>('GET', address, undefined, controller.signal);
        const known = new Set(items.map((event) => event.id));
        const arrived = page.items.filter((event) => !known.has(event.id));
        if (arrived.length === 0) return;
        if (held.current || isPaused) setWaiting(arrived);
        else show(arrived);
        setProblem(undefined);
      } catch (error) {
        if (!controller.signal.aborted && error instanceof Problem) setProblem(error);
      }
    };
    const timer = setInterval(() => void look(), EVERY_MS);
    return () => {
      controller.abort();
      clearInterval(timer);
    };
  }, [address, items, isPaused, show]);

  return {
    items,
    waiting,
    fresh,
    next,
    problem,
    isLoading,
    isPaused,
    pause: setPaused,
    hold: (isHeld) => {
      held.current = isHeld;
    },
    take: () => show(waiting),
    more: () => void load(next),
    reload: () => setRound(round + 1),
  };
}

function Waiting({ feed }: { feed: Feed }): ReactElement {
  return (
    <div aria-live="polite">
      {feed.waiting.length > 0 && (
        <div className="row body">
          <Button kind="small" onClick={feed.take}>
            Show {feed.waiting.length === 50 ? 'the newest' : feed.waiting.length} new
          </Button>
        </div>
      )}
    </div>
  );
}

function NothingFound({ onClear }: { onClear: () => void }): ReactElement {
  return (
    <Empty title="No event is like that">
      <p>Filters are joined: an event has to fit all of them.</p>
      <Button onClick={onClear}>Clear the filters</Button>
    </Empty>
  );
}

function FirstEvent(): ReactElement {
  return (
    <Empty title="No events yet" sample={FIRST_CALL}>
      <p>
        Your backend sends signups and logins, and is told what to do. Make a key under API keys, put it in this call, and the event appears here by itself.
      </p>
    </Empty>
  );
}
