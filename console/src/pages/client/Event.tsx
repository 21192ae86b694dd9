// One event: what was decided, why, what was known, and what else there is of the same people and devices.

import { useState, type ReactElement } from 'react';

import { Decision, titled } from '../../components/Decision';
import { EVENT_COLUMNS } from '../../components/EventTable';
import { LinkGraph } from '../../components/LinkGraph';
import { Table } from '../../components/Table';
import { Card, CopyButton, Note, PageHead, ProblemNote, Skeleton, Tabs, Time } from '../../components/ui';
import { Waterfall } from '../../components/Waterfall';
import { useGet } from '../../data';
import { withQuery } from '../../api';
import { entityHref, withMode, type EntityKind } from '../../logic/hrefs';
import { Link, useQuery } from '../../router';
import type { EventDetail, EventSummary, Mode, Page } from '../../types';
import { AddToList } from './AddToList';
import { AllChecks, Facts } from './EventFacts';

const TABS = [
  ['reasons', 'Reasons'],
  ['checks', 'All checks'],
  ['facts', 'What was known'],
  ['related', 'Related events'],
  ['reports', 'Client reports'],
  ['raw', 'JSON'],
] as const;
type Tab = (typeof TABS)[number][0];

export default function Event({ params }: { params: Record<string, string> }): ReactElement {
  const { data: event, problem, reload } = useGet<EventDetail>(`/api/v1/client/events/${encodeURIComponent(params.id ?? '')}`);
  const [query, change] = useQuery();
  const tab = (query.get('tab') ?? 'reasons') as Tab;
  if (!event) {
    return (
      <>
        <PageHead title="Event" crumbs={[['Events', '/client-admin/events']]} />
        {problem ? <ProblemNote problem={problem} onRetry={reload} /> : <Card flush><Skeleton lines={8} /></Card>}
      </>
    );
  }
  return (
    <>
      <PageHead title={`${titled(event.type)} of ${event.email ?? event.user ?? 'somebody unknown'}`} crumbs={[['Events', withMode('/client-admin/events', event.mode)]]} about={<Sentence event={event} />}>
        <Decision decision={event.decision} big />
      </PageHead>
      <div className="split">
        <div className="card">
          <Tabs tabs={TABS.filter(([each]) => each !== 'reports' || event.clientReports.length > 0)} current={tab} onPick={(next) => change({ tab: next === 'reasons' ? '' : next })} label="About this event" />
          <div role="tabpanel" aria-labelledby={`tab-${tab}`}>
            {tab === 'reasons' && <Waterfall event={event} />}
            {tab === 'checks' && <AllChecks checks={event.checks} />}
            {tab === 'facts' && <Facts event={event} />}
            {tab === 'related' && <Related event={event} />}
            {tab === 'reports' && <Reports event={event} />}
            {tab === 'raw' && <Raw event={event} />}
          </div>
        </div>
        <Side event={event} />
      </div>
    </>
  );
}

function Sentence({ event }: { event: EventDetail }): ReactElement {
  const fired = event.checks.filter((check) => check.status === 'fired').length;
  const shadow = event.checks.filter((check) => check.status === 'shadow_fired').length;
  return (
    <>
      The answer was <strong>{event.decision}</strong>: the score is {event.score}, in the band {event.band}. {fired} of {event.checks.length} checks counted
      {shadow > 0 && `, and ${shadow} in shadow mode would have`}.
      {event.would !== event.decision && <> If nothing were only watched, it would have been <strong>{event.would}</strong>.</>}
      {event.assessed && <> A test address asked for this decision; by its score it would have been <strong>{event.assessed}</strong>.</>}
    </>
  );
}

function Side({ event }: { event: EventDetail }): ReactElement {
  return (
    <div className="stack">
      <Card title="Who and where">
        <dl className="pairs">
          <dt>Time</dt>
          <dd><Time at={event.at} /></dd>
          <Entity name="User" kind="user" value={event.user} mode={event.mode} />
          <Entity name="E-mail" kind="email" value={event.email} mode={event.mode} />
          <Entity name="Address" kind="ip" value={event.ip} mode={event.mode} />
          <dt>Place</dt>
          <dd>{place(event) || <None />}</dd>
          <Entity name="Device" kind="device" value={event.device} mode={event.mode} />
          {event.session && (
            <>
              <dt>Session</dt>
              <dd className="mono">{event.session}</dd>
            </>
          )}
          <dt>API</dt>
          <dd>{event.dialect}, {event.mode} data</dd>
          <dt>Policy</dt>
          <dd className="mono">{event.policy}</dd>
          <dt>Took</dt>
          <dd>{event.enrichUs + event.evaluateUs} µs <span className="muted small">({event.enrichUs} looking up, {event.evaluateUs} judging)</span></dd>
          <dt>Id</dt>
          <dd className="mono">{event.id}</dd>
        </dl>
      </Card>
      <Card title="What became of it">
        {event.outcome ? (
          <>
            <p><strong>{titled(event.outcome.outcome.toLowerCase())}</strong>, reported <Time at={event.outcome.at} /></p>
            {event.outcome.notes && <p className="muted wrap">{event.outcome.notes}</p>}
          </>
        ) : (
          <p className="muted">Nothing was reported. Your backend can tell with <code>POST /api/v1/events/{event.id}/outcome</code>; figures of how well rules work are made of that.</p>
        )}
      </Card>
      <AddToList event={event} />
    </div>
  );
}

function None(): ReactElement {
  return <span className="muted">not sent</span>;
}

function place({ facts }: EventDetail): string {
  return [facts['ip.city'], facts['ip.country']].filter(Boolean).join(', ');
}

function Entity({ name, kind, value, mode }: { name: string; kind: EntityKind; value: string | null; mode: Mode }): ReactElement {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value ? <Link className="wrap" href={entityHref(kind, value, mode)}>{value}</Link> : <None />}</dd>
    </>
  );
}

const RELATED = [
  ['device', 'on the same device'],
  ['ip', 'from the same address'],
  ['user', 'of the same user'],
  ['email', 'of the same e-mail address'],
] as const;

function Related({ event }: { event: EventDetail }): ReactElement {
  const [kind, setKind] = useState<(typeof RELATED)[number][0]>(event.device ? 'device' : event.ip ? 'ip' : event.user ? 'user' : 'email');
  const value = event[kind];
  const { data, problem } = useGet<Page<EventSummary>>(value && withQuery('/api/v1/client/events', { [kind]: value, limit: 50, mode: event.mode }));
  return (
    <div className="stack body">
      <fieldset className="row">
        <legend className="hidden">Which events</legend>
        {RELATED.filter(([each]) => event[each]).map(([each, name]) => (
          <label className="check" key={each}>
            <input type="radio" name="related" checked={kind === each} onChange={() => setKind(each)} /> {name}
          </label>
        ))}
      </fieldset>
      <ProblemNote problem={problem} />
      {!value && <Note>Nothing was sent that other events could share.</Note>}
      {data && data.items.length > 1 && <LinkGraph center={{ kind, value: value ?? '' }} events={data.items} />}
      {data && <Table label="Related events" columns={EVENT_COLUMNS} items={data.items} id={(each) => each.id} rowClass={(each) => (each.id === event.id ? 'faded' : '')} />}
      {value && !data && !problem && <Skeleton />}
    </div>
  );
}

function Reports({ event }: { event: EventDetail }): ReactElement {
  return (
    <div className="stack body">
      {event.clientReports.map((report, index) => (
        <div className="stack tight" key={`${report.at} ${index}`}>
          <h2><Time at={report.at} /></h2>
          <pre className="json" tabIndex={0} aria-label="What the client's SDK reported">{JSON.stringify(report.report, null, 2)}</pre>
        </div>
      ))}
    </div>
  );
}

function Raw({ event }: { event: EventDetail }): ReactElement {
  const text = JSON.stringify(event, null, 2);
  return (
    <div className="stack body">
      <div className="row">
        <CopyButton text={text} label="Copy the JSON" />
      </div>
      <pre className="json" tabIndex={0} aria-label="The event as JSON">{text}</pre>
    </div>
  );
}
