// Signals of fraud: what somebody reported, and what it turned out to be.

import { useState, type ReactElement } from 'react';

import { request } from '../../api';
import { titled } from '../../components/Decision';
import { ExportButton, PagedTable, type Column } from '../../components/Table';
import { toast } from '../../components/toast';
import { Button, Card, Dialog, Empty, Field, PageHead, ProblemNote, Time } from '../../components/ui';
import { useAction, usePages } from '../../data';
import { entityHref, eventHref } from '../../logic/hrefs';
import { Link, useQuery } from '../../router';
import { useMay } from '../../session';
import type { Signal } from '../../types';

const PATH = '/api/v1/client/signals';
const STATUS = { pending: ['Pending', 'challenge'], confirmed: ['Confirmed', 'block'], dismissed: ['Dismissed', 'allow'] } as const;
const SEVERITY = { low: '', medium: 'flag', high: 'challenge', critical: 'block' } as const;

const COLUMNS: Column<Signal>[] = [
  { head: 'Reported', cell: (signal) => <Time at={signal.createdAt} />, csv: (signal) => signal.createdAt },
  { head: 'Type', cell: (signal) => <strong className="wrap">{signal.type}</strong>, csv: (signal) => signal.type },
  { head: 'Severity', cell: (signal) => <span className={`badge ${SEVERITY[signal.severity]}`}>{titled(signal.severity)}</span>, csv: (signal) => signal.severity },
  { head: 'State', cell: (signal) => <span className={`badge ${STATUS[signal.status][1]}`}>{STATUS[signal.status][0]}</span>, csv: (signal) => signal.status },
  { head: 'About', cell: (signal) => <About signal={signal} />, csv: (signal) => signal.user ?? signal.device ?? signal.ip ?? signal.verification },
  { head: 'What happened', cell: (signal) => <span className="clip" title={signal.description ?? ''}>{signal.description ?? <span className="muted">–</span>}</span>, csv: (signal) => signal.description },
  { head: 'Event', cell: (signal) => (signal.event ? <Link className="mono" href={eventHref(signal.event, signal.mode)}>{signal.event}</Link> : <span className="muted">–</span>), csv: (signal) => signal.event },
];

function About({ signal }: { signal: Signal }): ReactElement {
  if (signal.user) return <Link className="clip" href={entityHref('user', signal.user, signal.mode)}>{signal.user}</Link>;
  if (signal.device) return <Link className="clip mono" href={entityHref('device', signal.device, signal.mode)}>{signal.device}</Link>;
  if (signal.ip) return <Link href={entityHref('ip', signal.ip, signal.mode)}>{signal.ip}</Link>;
  return <span className="clip muted mono">{signal.verification ?? '–'}</span>;
}

export default function Signals(): ReactElement {
  const mayDecide = useMay('CLIENT_ADMIN', 'ANALYST');
  const [query, change] = useQuery();
  const params = { status: query.get('status'), severity: query.get('severity'), type: query.get('type'), mode: query.get('mode') };
  const pages = usePages<Signal>(PATH, params);
  const [shown, setShown] = useState<Signal>();
  const filter = (name: 'status' | 'severity' | 'mode', label: string, options: readonly string[], all: string) => (
    <Field label={label}>
      {(props) => (
        <select {...props} className="input" value={params[name] ?? ''} onChange={(event) => change({ [name]: event.target.value })}>
          <option value="">{all}</option>
          {options.map((option) => <option key={option} value={option}>{titled(option)}</option>)}
        </select>
      )}
    </Field>
  );
  const look: Column<Signal> = {
    head: 'Actions', number: true,
    cell: (signal) => <Button kind="small" aria-label={`${mayDecide && signal.status === 'pending' ? 'Decide' : 'Show'} ${signal.type} ${signal.id}`} onClick={() => setShown(signal)}>{mayDecide && signal.status === 'pending' ? 'Decide' : 'Show'}</Button>,
  };
  return (
    <>
      <PageHead title="Signals" about="What was reported as fraud: chargebacks, stolen accounts, complaints. Deciding what it was labels the event, and later scores learn from it.">
        <ExportButton path={PATH} params={params} columns={COLUMNS} name="signals" />
      </PageHead>
      <Card flush>
        <div className="filters">
          {filter('status', 'State', ['pending', 'confirmed', 'dismissed'], 'Any')}
          {filter('severity', 'Severity', ['low', 'medium', 'high', 'critical'], 'Any')}
          {filter('mode', 'Data', ['test'], 'Live')}
        </div>
        <PagedTable
          pages={pages}
          label="Signals"
          columns={[...COLUMNS, look]}
          id={(signal) => signal.id}
          empty={
            <Empty title="No signals" sample={`curl -s ${location.origin}/v1/fraud/signals -H 'Authorization: Bearer YOUR_KEY' \\\n  -H 'Content-Type: application/json' \\\n  -d '{"type": "chargeback", "severity": "high", "user_id": "user-1", "description": "card reported stolen"}'`}>
              <p>Report what turned out to be fraud, from your backend or payment provider, and it appears here.</p>
            </Empty>
          }
        />
      </Card>
      {shown && <Decide signal={shown} mayDecide={mayDecide} onClose={() => setShown(undefined)} onDone={() => (setShown(undefined), pages.reload())} />}
    </>
  );
}

function Decide({ signal, mayDecide, onClose, onDone }: { signal: Signal; mayDecide: boolean; onClose: () => void; onDone: () => void }): ReactElement {
  const [notes, setNotes] = useState('');
  const action = useAction(async (what: 'confirm' | 'dismiss') => {
    await request('POST', `${PATH}/${signal.id}/${what}?mode=${signal.mode}`, notes.trim() ? { notes: notes.trim() } : {});
    toast(what === 'confirm' ? 'Confirmed: later scores learn from it.' : 'Dismissed: it was no fraud.');
    onDone();
  });
  const isOpen = mayDecide && signal.status === 'pending';
  return (
    <Dialog title={signal.type} onClose={onClose}>
      <dl className="pairs">
        <dt>State</dt>
        <dd>{STATUS[signal.status][0]}{signal.decidedAt && <>, <Time at={signal.decidedAt} /></>}</dd>
        <dt>About</dt>
        <dd><About signal={signal} /></dd>
        {signal.description && <><dt>What happened</dt><dd className="wrap">{signal.description}</dd></>}
        {signal.notes && <><dt>Notes</dt><dd className="wrap">{signal.notes}</dd></>}
        <dt>Reported by</dt>
        <dd className="mono">{signal.author}</dd>
      </dl>
      {Object.keys(signal.details).length > 0 && <pre className="json" tabIndex={0} aria-label="What the reporter added">{JSON.stringify(signal.details, null, 2)}</pre>}
      {isOpen && (
        <Field label="Notes" wrong={action.problem?.of('/notes')}>
          {(props) => <textarea {...props} className="input" maxLength={1_000} value={notes} onChange={(event) => setNotes(event.target.value)} />}
        </Field>
      )}
      <ProblemNote problem={action.problem} />
      <div className="actions">
        <Button onClick={onClose}>Close</Button>
        {isOpen && <Button disabled={action.isRunning} onClick={() => void action.run('dismiss')}>It was no fraud</Button>}
        {isOpen && <Button kind="danger" disabled={action.isRunning} onClick={() => void action.run('confirm')}>It was fraud</Button>}
      </div>
    </Dialog>
  );
}
