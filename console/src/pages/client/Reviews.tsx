// The review queue: one case after the other, by mouse or by keyboard, with a moment to take a decision back.

import { useCallback, useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactElement } from 'react';

import { Problem, request } from '../../api';
import { DataSet, useMode } from '../../components/DataSet';
import { Decision } from '../../components/Decision';
import { ExportButton, type Column } from '../../components/Table';
import { Button, Card, Empty, Field, PageHead, ProblemNote, Skeleton, Tabs, Time } from '../../components/ui';
import { Waterfall } from '../../components/Waterfall';
import { useGet, usePages } from '../../data';
import { entityHref, eventHref } from '../../logic/hrefs';
import { Link, navigate, useQuery } from '../../router';
import { useMay } from '../../session';
import type { EventDetail, Mode, Review } from '../../types';

const PATH = '/api/v1/client/reviews';
const UNDO_MS = 6_000;
const TABS = [['open', 'Waiting'], ['approved', 'Approved'], ['rejected', 'Rejected']] as const;

const EXPORT: Column<Review>[] = [
  { head: 'Id', cell: () => null, csv: (review) => review.id },
  { head: 'Opened', cell: () => null, csv: (review) => review.openedAt },
  { head: 'Status', cell: () => null, csv: (review) => review.status },
  { head: 'Event', cell: () => null, csv: (review) => review.event.id },
  { head: 'User', cell: () => null, csv: (review) => review.event.user },
  { head: 'Score', cell: () => null, csv: (review) => review.event.score },
  { head: 'Reasons', cell: () => null, csv: (review) => review.event.fired.join(' ') },
  { head: 'Notes', cell: () => null, csv: (review) => review.notes },
  { head: 'Resolved', cell: () => null, csv: (review) => review.resolvedAt },
];

export default function Reviews(): ReactElement {
  const [query, change] = useQuery();
  const status = (query.get('status') ?? 'open') as Review['status'];
  const mode = useMode();
  return (
    <>
      <PageHead title="Review queue" about="What was neither let through nor refused. What you decide labels the event, and later scores learn from it.">
        <DataSet />
        <ExportButton path={PATH} params={{ status, mode }} columns={EXPORT} name={`reviews-${status}`} />
      </PageHead>
      <div className="stack">
        <Tabs tabs={TABS} current={status} onPick={(next) => change({ status: next === 'open' ? '' : next })} label="Reviews" />
        <div role="tabpanel" aria-labelledby={`tab-${status}`}>
          <Queue status={status} mode={mode} key={`${status} ${mode}`} />
        </div>
      </div>
    </>
  );
}

interface Decided {
  review: Review;
  decision: 'approve' | 'reject';
  notes: string;
}

/** Decisions are sent when the time to take them back is over, when the next one is made, or when one leaves. */
function useDecisions(onProblem: (problem: Problem, review: Review) => void) {
  const [pending, setPending] = useState<Decided>();
  const current = useRef<Decided>(undefined);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const flush = useCallback(() => {
    clearTimeout(timer.current);
    const decided = current.current;
    current.current = undefined;
    setPending(undefined);
    if (!decided) return;
    const { review, decision, notes } = decided;
    const body = { decision, ...(notes.trim() && { notes: notes.trim() }) };
    request('POST', `${PATH}/${review.id}/resolve?mode=${review.mode}`, body).catch((error: unknown) => {
      if (error instanceof Problem) onProblem(error, review);
    });
  }, [onProblem]);
  useEffect(() => {
    addEventListener('pagehide', flush);
    return () => {
      removeEventListener('pagehide', flush);
      flush();
    };
  }, [flush]);
  const decide = (decided: Decided) => {
    flush();
    current.current = decided;
    setPending(decided);
    timer.current = setTimeout(flush, UNDO_MS);
  };
  const undo = () => {
    clearTimeout(timer.current);
    current.current = undefined;
    setPending(undefined);
  };
  return { pending, decide, undo };
}

function Queue({ status, mode }: { status: Review['status']; mode: Mode }): ReactElement {
  const isOpen = status === 'open';
  const mayDecide = useMay('CLIENT_ADMIN', 'ANALYST') && isOpen;
  const pages = usePages<Review>(PATH, { status, mode });
  const [done, setDone] = useState<string[]>([]);
  const [picked, setPicked] = useState<string>();
  const [notes, setNotes] = useState('');
  const [problem, setProblem] = useState<Problem>();
  const list = useRef<HTMLUListElement>(null);
  const wantsFocus = useRef(false);
  const restore = useCallback((why: Problem, review: Review) => {
    setProblem(why);
    setDone((before) => before.filter((id) => id !== review.id));
  }, []);
  const { pending, decide, undo } = useDecisions(restore);
  const items = (pages.items ?? []).filter((review) => !done.includes(review.id));
  const index = Math.max(0, items.findIndex((review) => review.id === picked));
  const review = items[index];

  // Before the next key is pressed: the button that had the focus may be gone.
  useLayoutEffect(() => {
    if (wantsFocus.current) list.current?.querySelector<HTMLElement>('[aria-current]')?.focus();
    wantsFocus.current = false;
  });

  const pick = (next: Review | undefined, takeFocus = true) => {
    setPicked(next?.id);
    setNotes('');
    wantsFocus.current = takeFocus;
  };
  const settle = (decision: Decided['decision']) => {
    if (!review || !mayDecide) return;
    setProblem(undefined);
    decide({ review, decision, notes });
    setDone([...done, review.id]);
    pick(items[index + 1] ?? items[index - 1]);
  };
  const takeBack = () => {
    if (!pending) return;
    undo();
    setDone(done.filter((id) => id !== pending.review.id));
    pick(pending.review);
  };
  const press = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target instanceof HTMLTextAreaElement) return;
    const keys: Record<string, () => void> = {
      j: () => pick(items[index + 1]),
      k: () => pick(items[index - 1]),
      a: () => settle('approve'),
      d: () => settle('reject'),
      u: takeBack,
      n: () => document.querySelector<HTMLElement>('[data-notes]')?.focus(),
      o: () => review && navigate(eventHref(review.event.id, review.mode)),
    };
    const action = keys[event.key.toLowerCase()];
    if (!action) return;
    event.preventDefault();
    action();
  };

  if (!pages.items) return pages.problem ? <ProblemNote problem={pages.problem} onRetry={pages.reload} /> : <Card flush><Skeleton lines={8} /></Card>;
  return (
    <div className="stack" onKeyDown={press}>
      <ProblemNote problem={problem} />
      <div aria-live="polite">
        {pending && (
          <div className="note good row">
            <span>{pending.decision === 'approve' ? 'Approved' : 'Rejected'}: {pending.review.event.email ?? pending.review.event.user ?? pending.review.event.id}</span>
            <Button kind="small push" onClick={takeBack}>Undo</Button>
          </div>
        )}
      </div>
      {items.length === 0 && (
        <Card flush>
          <Empty title={isOpen ? 'Nothing waits for you' : 'Nothing here yet'}>
            <p>{isOpen ? 'Events come here that a custom rule with the action “review” matches.' : 'What was decided is kept here.'}</p>
            {pages.more && <Button onClick={pages.reload}>Look for more</Button>}
          </Empty>
        </Card>
      )}
      {review && (
        <div className="split queue">
          <Case review={review} mayDecide={mayDecide} notes={notes} setNotes={setNotes} settle={settle} />
          <Card flush title={`${items.length}${pages.more ? '+' : ''} ${isOpen ? 'waiting' : status}`}>
            <ul className="queue-list" ref={list} tabIndex={-1}>
              {items.map((each) => (
                <li key={each.id}>
                  <button type="button" aria-current={each.id === review.id ? 'true' : undefined} onClick={() => pick(each, false)}>
                    <span className="clip">{each.event.email ?? each.event.user ?? each.event.id}</span>
                    <span className="muted small">{each.event.score} · <Time at={each.openedAt} relative /></span>
                  </button>
                </li>
              ))}
            </ul>
            {pages.more && <footer className="body"><Button kind="small" onClick={pages.more}>Show more</Button></footer>}
            {mayDecide && (
              <footer className="body muted small">
                With the focus here: <kbd>J</kbd> next, <kbd>K</kbd> back, <kbd>A</kbd> approve, <kbd>D</kbd> reject, <kbd>N</kbd> note, <kbd>U</kbd> undo, <kbd>O</kbd> open.
              </footer>
            )}
          </Card>
        </div>
      )}
    </div>
  );
}

function Case({ review, mayDecide, notes, setNotes, settle }: { review: Review; mayDecide: boolean; notes: string; setNotes: (notes: string) => void; settle: (decision: 'approve' | 'reject') => void }): ReactElement {
  const { event } = review;
  const { data, problem } = useGet<EventDetail>(`/api/v1/client/events/${event.id}`);
  return (
    <Card flush title={event.email ?? event.user ?? event.id} actions={<><Decision decision={event.decision} /><Link className="small" href={eventHref(event.id, event.mode)}>All about it</Link></>}>
      <div className="body stack">
        <p className="row">
          <Time at={event.at} />
          {event.user && <span>User <Link href={entityHref('user', event.user, event.mode)}>{event.user}</Link></span>}
          {event.ip && <span>Address <Link href={entityHref('ip', event.ip, event.mode)}>{event.ip}</Link> {event.countryCode}</span>}
          {event.device && <span>Device <Link className="mono" href={entityHref('device', event.device, event.mode)}>{event.device.slice(0, 8)}</Link></span>}
        </p>
        {review.status !== 'open' && <p>{review.status === 'approved' ? 'Approved' : 'Rejected'} <Time at={review.resolvedAt} />. <span className="wrap">{review.notes}</span></p>}
      </div>
      <ProblemNote problem={problem} />
      {data?.id === event.id ? <Waterfall event={data} /> : !problem && <Skeleton />}
      {mayDecide && (
        <div className="body stack">
          <Field label="Notes">
            {(props) => <textarea {...props} data-notes="" className="input" maxLength={1_000} value={notes} onChange={(change) => setNotes(change.target.value)} />}
          </Field>
          <div className="row">
            <Button kind="primary" onClick={() => settle('approve')}>Approve: no fraud</Button>
            <Button kind="danger" onClick={() => settle('reject')}>Reject: fraud</Button>
          </div>
        </div>
      )}
    </Card>
  );
}
