// From an event to a list: block, allow or watch who or what it was.

import { useState, type ReactElement } from 'react';

import { request } from '../../api';
import { toast } from '../../components/toast';
import { Button, Card, Field, ProblemNote } from '../../components/ui';
import { useAction } from '../../data';
import { useMay } from '../../session';
import type { EventDetail, ListEntry } from '../../types';

const KINDS = [['user', 'User'], ['device', 'Device'], ['ip', 'Address'], ['email', 'E-mail']] as const;

export function AddToList({ event }: { event: EventDetail }): ReactElement | null {
  const mayChange = useMay('CLIENT_ADMIN', 'ANALYST');
  const kinds = KINDS.filter(([kind]) => event[kind]);
  const [kind, setKind] = useState(kinds[0]?.[0] ?? 'ip');
  const [reason, setReason] = useState('');
  const action = useAction(async (list: ListEntry['list']) => {
    const body = { list, kind, value: event[kind], ...(reason.trim() && { reason: reason.trim() }) };
    await request('POST', '/api/v1/client/lists', body);
    setReason('');
    toast(`It is on the ${list} list from the next event on.`);
  });
  if (!mayChange || kinds.length === 0) return null;
  return (
    <Card title="Put on a list">
      <div className="stack tight">
        <Field label="What">
          {(props) => (
            <select {...props} className="input" value={kind} onChange={(change) => setKind(change.target.value as typeof kind)}>
              {kinds.map(([each, name]) => (
                <option key={each} value={each}>{name}: {event[each]}</option>
              ))}
            </select>
          )}
        </Field>
        <Field label="Why" hint="Kept in the audit log: name nobody.">
          {(props) => <input {...props} className="input" maxLength={500} value={reason} onChange={(change) => setReason(change.target.value)} />}
        </Field>
        <ProblemNote problem={action.problem} />
        <div className="row">
          <Button kind="danger" disabled={action.isRunning} onClick={() => void action.run('block')}>Block</Button>
          <Button disabled={action.isRunning} onClick={() => void action.run('watch')}>Watch</Button>
          <Button disabled={action.isRunning} onClick={() => void action.run('allow')}>Allow</Button>
        </div>
      </div>
    </Card>
  );
}
