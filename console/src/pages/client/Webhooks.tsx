// Where the client is told of what happens.

import { useState, type FormEvent, type ReactElement } from 'react';

import { request } from '../../api';
import { ExportButton, PagedTable, type Column } from '../../components/Table';
import { Button, Card, CopyButton, Dialog, Empty, Field, Note, PageHead, ProblemNote, Time } from '../../components/ui';
import { useAction, usePages } from '../../data';
import { Link } from '../../router';
import { useMay } from '../../session';
import type { Webhook } from '../../types';

export const PATH = '/api/v1/client/webhooks';
export const TYPES: [string, string][] = [
  ['fraud.signal.detected', 'a signal of fraud was reported'],
  ['fraud.device.blocked', 'a device was blocked'],
  ['fraud.rule.triggered', 'a rule of your own fired'],
  ['fraud.review.opened', 'something waits for review'],
];

const COLUMNS: Column<Webhook>[] = [
  { head: 'Address', cell: (webhook) => <><Link className="wrap" href={`/client-admin/webhooks/${webhook.id}`}>{webhook.url}</Link><span className="clip muted small">{webhook.description}</span></>, csv: (webhook) => webhook.url },
  { head: 'Told of', cell: (webhook) => <span className="small wrap">{webhook.types.join(', ')}</span>, csv: (webhook) => webhook.types.join(' ') },
  { head: 'State', cell: (webhook) => <span className={`badge ${webhook.enabled ? 'allow' : ''}`}>{webhook.enabled ? 'On' : 'Off'}</span>, csv: (webhook) => (webhook.enabled ? 'on' : 'off') },
  { head: 'Since', cell: (webhook) => <Time at={webhook.createdAt} />, csv: (webhook) => webhook.createdAt },
];

export default function Webhooks(): ReactElement {
  const mayChange = useMay('CLIENT_ADMIN');
  const pages = usePages<Webhook>(PATH, { limit: null });
  const [adding, setAdding] = useState(false);
  const [secret, setSecret] = useState<string>();
  const add = mayChange && <Button kind="primary small" icon="plus" onClick={() => setAdding(true)}>Add webhook</Button>;
  return (
    <>
      <PageHead title="Webhooks" about="Your backend is told of what happens, with signed messages (Standard Webhooks) that are sent again until they arrive."><ExportButton path={PATH} columns={COLUMNS} name="webhooks" />{add}</PageHead>
      <Card flush>
        <PagedTable
          pages={pages}
          label="Webhooks"
          columns={COLUMNS}
          id={(webhook) => webhook.id}
          rowClass={(webhook) => (webhook.enabled ? '' : 'faded')}
          empty={<Empty title="No webhooks yet"><p>Give the address of your backend, choose what to be told of, and check the signature with the secret that you are shown.</p>{add}</Empty>}
        />
      </Card>
      {adding && <WebhookForm onClose={() => setAdding(false)} onDone={(made) => (setAdding(false), setSecret(made.secret), pages.reload())} />}
      {secret && <ShowSecret secret={secret} onClose={() => setSecret(undefined)} />}
    </>
  );
}

export function ShowSecret({ secret, about, onClose }: { secret: string; about?: string; onClose: () => void }): ReactElement {
  return (
    <Dialog title="The signing secret" onClose={onClose}>
      <Note kind="good">Copy it now. It is shown this once. {about}</Note>
      <div className="key">
        <code>{secret}</code>
        <CopyButton text={secret} />
      </div>
      <div className="actions"><Button kind="primary" onClick={onClose}>I have it</Button></div>
    </Dialog>
  );
}

/** Makes a webhook, or changes one. */
export function WebhookForm({ webhook, onClose, onDone }: { webhook?: Webhook; onClose: () => void; onDone: (made: Webhook & { secret?: string }) => void }): ReactElement {
  const [url, setUrl] = useState(webhook?.url ?? '');
  const [description, setDescription] = useState(webhook?.description ?? '');
  const [types, setTypes] = useState(webhook?.types ?? TYPES.map(([type]) => type));
  const action = useAction(async () => {
    const body = { url, description, types };
    onDone(await request(webhook ? 'PATCH' : 'POST', webhook ? `${PATH}/${webhook.id}` : PATH, body));
  });
  const { problem } = action;
  const isShownBelow = ['/url', '/description', '/types'].some((pointer) => problem?.of(pointer));
  const toggle = (type: string) => setTypes(types.includes(type) ? types.filter((each) => each !== type) : [...types, type]);
  return (
    <Dialog title={webhook ? 'Change the webhook' : 'Add a webhook'} onClose={onClose}>
      <form className="stack" onSubmit={(event: FormEvent) => (event.preventDefault(), void action.run())}>
        {!isShownBelow && <ProblemNote problem={problem} />}
        <Field label="Address" hint="https, on the public internet." wrong={problem?.of('/url')}>
          {(props) => <input {...props} className="input mono" type="url" required autoFocus placeholder="https://example.com/hooks/fraud" value={url} onChange={(event) => setUrl(event.target.value)} />}
        </Field>
        <Field label="What it is for" wrong={problem?.of('/description')}>
          {(props) => <input {...props} className="input" maxLength={500} value={description} onChange={(event) => setDescription(event.target.value)} />}
        </Field>
        <fieldset className="stack tight">
          <legend className="legend">Tell it when</legend>
          {TYPES.map(([type, name]) => (
            <label className="check" key={type}><input type="checkbox" checked={types.includes(type)} onChange={() => toggle(type)} /> {name} <code className="muted">{type}</code></label>
          ))}
          {problem?.of('/types') && <span className="wrong">{problem.of('/types')}</span>}
        </fieldset>
        <div className="actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" disabled={action.isRunning}>{webhook ? 'Save' : 'Add webhook'}</Button>
        </div>
      </form>
    </Dialog>
  );
}
