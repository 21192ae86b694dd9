// A condition over the newest events, as they were when they were judged.

import { useState, type ReactElement } from 'react';

import { request } from '../../api';
import { EVENT_COLUMNS } from '../../components/EventTable';
import { Table, type Column } from '../../components/Table';
import { Button, Card, ProblemNote } from '../../components/ui';
import { useAction } from '../../data';
import type { EventDetail, EventSummary, Page, RuleTrial } from '../../types';

const NEWEST = 25;

interface Tried {
  event: EventSummary;
  trial: RuleTrial;
}

export function TryOnEvents({ condition }: { condition: string }): ReactElement {
  const [tried, setTried] = useState<Tried[]>();
  const action = useAction(async () => {
    const page = await request<Page<EventSummary>>('GET', `/api/v1/client/events?limit=${NEWEST}`);
    const results: Tried[] = [];
    for (const event of page.items) {
      const { facts } = await request<EventDetail>('GET', `/api/v1/client/events/${event.id}`);
      const trial = await request<RuleTrial>('POST', '/api/v1/client/custom-rules/test', { condition, testData: facts });
      results.push({ event, trial });
    }
    setTried(results);
  });
  const matched = tried?.filter(({ trial }) => trial.matched) ?? [];
  const columns: Column<Tried>[] = EVENT_COLUMNS.map(({ head, cell, number }) => ({ head, cell: ({ event }) => cell(event), ...(number && { number }) }));
  return (
    <Card flush title="Try it on real events" actions={<Button kind="small" disabled={action.isRunning} onClick={() => void action.run()}>{action.isRunning ? 'Trying…' : `Try the newest ${NEWEST}`}</Button>}>
      <div className="body stack tight">
        <ProblemNote problem={action.problem} />
        <p aria-live="polite" className={tried ? '' : 'muted'}>
          {!tried && 'What was known of each event is kept, so the condition can be tried on it as it was. Nothing is changed.'}
          {tried?.length === 0 && 'There are no events yet.'}
          {tried && tried.length > 0 && <><strong>{matched.length}</strong> of {tried.length} match; {matched.filter(({ event }) => event.decision === 'allow').length} of these were allowed.</>}
        </p>
      </div>
      {matched.length > 0 && <Table label="Events that match" columns={columns} items={matched} id={({ event }) => event.id} />}
    </Card>
  );
}
