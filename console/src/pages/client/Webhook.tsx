// One webhook: what it is told, what became of each message, trying it, and a new secret.

import { useState, type ReactElement } from 'react';

import { request } from '../../api';
import { ExportButton, PagedTable, type Column } from '../../components/Table';
import { toast } from '../../components/toast';
import { Button, Card, Confirm, Empty, PageHead, ProblemNote, Skeleton, Time } from '../../components/ui';
import { useAction, useGet, usePages } from '../../data';
import { navigate } from '../../router';
import { useMay } from '../../session';
import type { Delivery, Webhook } from '../../types';
import { PATH, ShowSecret, WebhookForm } from './Webhooks';

const STATE = { pending: ['On its way', 'challenge'], delivered: ['Delivered', 'allow'], failed: ['Given up', 'block'] } as const;

const COLUMNS: Column<Delivery>[] = [
  { head: 'Written', cell: (delivery) => <Time at={delivery.createdAt} />, csv: (delivery) => delivery.createdAt },
  { head: 'Of', cell: (delivery) => <code>{delivery.type}</code>, csv: (delivery) => delivery.type },
  { head: 'About', cell: (delivery) => <span className="mono clip" title={delivery.subject}>{delivery.subject}</span>, csv: (delivery) => delivery.subject },
  { head: 'State', cell: (delivery) => <span className={`badge ${STATE[delivery.state][1]}`}>{STATE[delivery.state][0]}</span>, csv: (delivery) => delivery.state },
  { head: 'Tries', number: true, cell: (delivery) => delivery.attempts, csv: (delivery) => delivery.attempts },
  { head: 'Answer', cell: (delivery) => <span className="clip" title={delivery.lastError ?? ''}>{delivery.lastError ?? delivery.lastStatus ?? <span className="muted">–</span>}</span>, csv: (delivery) => delivery.lastError ?? delivery.lastStatus },
  { head: 'Took', number: true, cell: (delivery) => (delivery.lastDurationMs === null ? '–' : `${delivery.lastDurationMs} ms`), csv: (delivery) => delivery.lastDurationMs },
  { head: 'Next try', cell: (delivery) => (delivery.nextAttemptAt ? <Time at={delivery.nextAttemptAt} /> : <span className="muted">–</span>), csv: (delivery) => delivery.nextAttemptAt },
];

type Doing = 'change' | 'rotate' | 'delete';

export default function WebhookPage({ params }: { params: Record<string, string> }): ReactElement {
  const path = `${PATH}/${params.id}`;
  const mayChange = useMay('CLIENT_ADMIN');
  const { data: webhook, problem, reload, set } = useGet<Webhook>(path);
  const deliveries = usePages<Delivery>(`${path}/deliveries`);
  const [doing, setDoing] = useState<Doing>();
  const [secret, setSecret] = useState<string>();
  const action = useAction(async (what: 'test' | 'toggle' | 'rotate' | 'delete' | { resend: string }) => {
    if (what === 'test') await request('POST', `${path}/test`);
    else if (what === 'toggle') set(await request<Webhook>('PATCH', path, { enabled: !webhook?.enabled }));
    else if (what === 'rotate') setSecret((await request<{ secret: string }>('POST', `${path}/rotate-secret`)).secret);
    else if (what === 'delete') {
      await request('DELETE', path);
      return navigate('/client-admin/webhooks');
    } else await request('POST', `${path}/deliveries/${what.resend}/resend`);
    setDoing(undefined);
    if (what === 'test' || typeof what === 'object') {
      toast('The message is on its way.');
      deliveries.reload();
    }
  });
  const crumbs: [string, string][] = [['Webhooks', '/client-admin/webhooks']];
  if (!webhook) return <><PageHead title="Webhook" crumbs={crumbs} />{problem ? <ProblemNote problem={problem} onRetry={reload} /> : <Card flush><Skeleton /></Card>}</>;
  const again: Column<Delivery> = {
    head: 'Actions', number: true,
    cell: (delivery) => <Button kind="small" aria-label={`Send ${delivery.id} again`} disabled={action.isRunning} onClick={() => void action.run({ resend: delivery.id })}>Send again</Button>,
  };
  return (
    <>
      <PageHead title={webhook.url} crumbs={crumbs} about={webhook.description}>
        <span className={`badge ${webhook.enabled ? 'allow' : ''}`}>{webhook.enabled ? 'On' : 'Off'}</span>
        {mayChange && (
          <>
            <Button kind="small" disabled={action.isRunning} onClick={() => void action.run('test')}>Send a test</Button>
            <Button kind="small" onClick={() => setDoing('change')}>Change</Button>
            <Button kind="small" disabled={action.isRunning} onClick={() => void action.run('toggle')}>{webhook.enabled ? 'Switch off' : 'Switch on'}</Button>
            <Button kind="small" onClick={() => setDoing('rotate')}>New secret</Button>
            <Button kind="small danger" onClick={() => setDoing('delete')}>Delete</Button>
          </>
        )}
      </PageHead>
      <div className="stack">
        {!doing && <ProblemNote problem={action.problem} />}
        <p>Told of {webhook.types.map((type) => <code className="chip" key={type}>{type}</code>)}</p>
        <Card flush title="Messages, newest first" about="Kept for 30 days after their end." actions={<><Button kind="small" onClick={deliveries.reload}>Refresh</Button><ExportButton path={`${path}/deliveries`} columns={COLUMNS} name="deliveries" /></>}>
          <PagedTable pages={deliveries} label="Messages" columns={mayChange ? [...COLUMNS, again] : COLUMNS} id={(delivery) => delivery.id} empty={<Empty title="No messages yet"><p>Send a test to see whether your backend takes it.</p></Empty>} />
        </Card>
      </div>
      {doing === 'change' && <WebhookForm webhook={webhook} onClose={() => setDoing(undefined)} onDone={(changed) => (set(changed), setDoing(undefined), toast('Saved.'))} />}
      {doing === 'rotate' && <Confirm title="Make a new secret?" action="Make it" onClose={() => setDoing(undefined)} onDo={() => action.run('rotate')} problem={action.problem} isRunning={action.isRunning}>For 24 hours, messages are signed with the old one too.</Confirm>}
      {doing === 'delete' && <Confirm title="Delete the webhook?" action="Delete webhook" onClose={() => setDoing(undefined)} onDo={() => action.run('delete')} problem={action.problem} isRunning={action.isRunning}>Nothing more is sent to it, and its log is gone.</Confirm>}
      {secret && <ShowSecret secret={secret} about="For 24 hours, messages are signed with the old one too." onClose={() => setSecret(undefined)} />}
    </>
  );
}
