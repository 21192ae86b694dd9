// The live feed: newest first, filters in the address, held still while somebody reads.

import { useEffect, useState, type ReactElement } from 'react';

import { DECISIONS, titled } from '../../components/Decision';
import { EVENT_COLUMNS, EVENT_EXPORT } from '../../components/EventTable';
import { ExportButton, Table } from '../../components/Table';
import { Button, Card, Empty, Field, PageHead, ProblemNote, Skeleton } from '../../components/ui';
import { useQuery } from '../../router';
import { FIRST_CALL } from './firstCall';
import { MOST_WAITING, useFeed, type Feed } from './useFeed';

const PATH = '/api/v1/client/events';
const TYPES = ['signup', 'login', 'payment', 'withdrawal', 'profile_update', 'visit', 'device_registration', 'verification', 'attempt'];
const FILTERS = ['decision', 'type', 'user', 'email', 'device', 'ip', 'from', 'to', 'mode'] as const;

export default function Events(): ReactElement {
  const [query, change] = useQuery();
  const filters = Object.fromEntries(FILTERS.map((name) => [name, query.get(name) ?? '']));
  const feed = useFeed(PATH, instants(filters));
  const isFiltered = FILTERS.some((name) => query.get(name));
  return (
    <>
      <PageHead title="Events" about="Everything that was judged, newest first, as it comes in.">
        <LinkState feed={feed} />
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
      {type('email', 'E-mail address')}
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

function Waiting({ feed }: { feed: Feed }): ReactElement {
  return (
    <div aria-live="polite">
      {feed.waiting.length > 0 && (
        <div className="row body">
          <Button kind="small" onClick={feed.take}>
            Show {feed.waiting.length >= MOST_WAITING ? `the newest ${MOST_WAITING}` : feed.waiting.length} new
          </Button>
        </div>
      )}
    </div>
  );
}

const LINKS: Record<Feed['link'], [string, string]> = {
  live: ['Live', 'allow'],
  polling: ['Every 3 seconds', 'challenge'],
  connecting: ['Connecting…', ''],
  off: ['Not live', ''],
};

/** How new events get here. */
function LinkState({ feed }: { feed: Feed }): ReactElement {
  const [name, kind] = feed.isPaused ? ['Paused', ''] : LINKS[feed.link];
  return <span className={`badge ${kind}`} role="status">{name}</span>;
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
