// What the account used, and what that costs.

import type { ReactElement } from 'react';

import { Card, PageHead, ProblemNote, Skeleton, Stat } from '../../components/ui';
import { useGet } from '../../data';
import type { Stats } from '../../types';

export default function Usage(): ReactElement {
  const { data, problem, reload } = useGet<Stats>('/v1/dashboard/stats');
  return (
    <>
      <PageHead title="Usage" about="Scored devices of the fraudsense API. 1,000 calls a month are free; each after them is $0.02." />
      <ProblemNote problem={problem} onRetry={reload} />
      {!data && !problem && <Card flush><Skeleton /></Card>}
      {data && (
        <dl className="stats">
          <Stat name="Calls this month" more="UTC calendar month">{data.callsThisMonth.toLocaleString('en')}</Stat>
          <Stat name="Free calls left">{data.freeCallsRemaining.toLocaleString('en')}</Stat>
          <Stat name="Estimated bill" more="this month">${data.estimatedBill.toFixed(2)}</Stat>
          <Stat name="Calls ever">{data.totalCalls.toLocaleString('en')}</Stat>
        </dl>
      )}
    </>
  );
}
