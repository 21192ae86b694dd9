// Whether decisions are enforced, or only told.

import type { ReactElement } from 'react';

import { request } from '../../api';
import { toast } from '../../components/toast';
import { Button, Card, ProblemNote } from '../../components/ui';
import { useAction, useGet } from '../../data';
import { useMay } from '../../session';

const PATH = '/api/v1/client/settings';

interface Settings {
  enforcement: 'enforce' | 'monitor';
}

export function Enforcement(): ReactElement | null {
  const mayChange = useMay('CLIENT_ADMIN');
  const { data, problem, reload, set } = useGet<Settings>(PATH);
  const action = useAction(async (enforcement: Settings['enforcement']) => {
    set(await request<Settings>('PUT', PATH, { enforcement }));
    toast(enforcement === 'monitor' ? 'From the next event on you are only told.' : 'From the next event on decisions count.');
  });
  if (!data) return problem ? <ProblemNote problem={problem} onRetry={reload} /> : null;
  const isMonitor = data.enforcement === 'monitor';
  return (
    <Card>
      <div className="row">
        <span className={`badge ${isMonitor ? 'challenge' : 'allow'}`}>{isMonitor ? 'Only watching' : 'Enforcing'}</span>
        <span>{isMonitor ? 'Nothing is challenged or blocked; each event tells what would have been decided.' : 'Your backend is told what the rules decide.'}</span>
        {mayChange && (
          <Button kind="push" disabled={action.isRunning} onClick={() => void action.run(isMonitor ? 'enforce' : 'monitor')}>
            {isMonitor ? 'Enforce decisions' : 'Only watch'}
          </Button>
        )}
      </div>
      <ProblemNote problem={action.problem} />
    </Card>
  );
}
