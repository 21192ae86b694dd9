// Points, thresholds and limits of every client that sets none of its own.

import type { ReactElement } from 'react';

import { RuleSettings } from '../../components/RuleSettings';
import { PageHead } from '../../components/ui';

export default function GlobalRules(): ReactElement {
  return (
    <>
      <PageHead title="Global rules" about="What holds for every client that sets nothing of its own, from the next event on." />
      <RuleSettings path="/api/v1/admin/global-rules" mayChange below="the shipped values" />
    </>
  );
}
