// One rule: writing it, trying it on real events, putting it to work.

import { useEffect, useState, type FormEvent, type ReactElement } from 'react';

import { Problem, request } from '../../api';
import { ConditionEditor } from '../../components/ConditionEditor';
import { DECISIONS, titled } from '../../components/Decision';
import { RuleModeField } from '../../components/RuleMode';
import { toast } from '../../components/toast';
import { Button, Card, Confirm, Field, PageHead, ProblemNote, Skeleton } from '../../components/ui';
import { useAction, useGet } from '../../data';
import { placeOf } from '../../logic/condition';
import { navigate } from '../../router';
import { useMay } from '../../session';
import type { CustomRule, RuleTrial, RuleVariable } from '../../types';
import { TryOnEvents } from './TryOnEvents';

const PATH = '/api/v1/client/custom-rules';
type Draft = Pick<CustomRule, 'name' | 'description' | 'condition' | 'action' | 'scoreAdjustment' | 'enabled' | 'mode'>;
const NEW: Draft = { name: '', description: '', condition: '', action: 'flag', scoreAdjustment: 0, enabled: true, mode: 'shadow' };
const ABOUT: Record<Draft['action'], string> = {
  flag: 'Tells, and adds to the score.',
  challenge: 'Raises the score to where a challenge begins.',
  review: 'Raises the score to where a review begins.',
  block: 'Raises the score to where blocking begins.',
  allow: 'Lowers the score to what is allowed, unless a stricter rule holds.',
};

export default function CustomRulePage({ params }: { params: Record<string, string> }): ReactElement {
  const isNew = params.id === 'new';
  const loaded = useGet<CustomRule>(isNew ? null : `${PATH}/${params.id}`);
  const title = isNew ? 'A new rule' : (loaded.data?.name ?? 'Rule');
  return (
    <>
      <PageHead title={title} crumbs={[['Custom rules', '/client-admin/custom-rules']]} about={loaded.data && <>Version {loaded.data.version}, <code>{loaded.data.id}</code></>} />
      <ProblemNote problem={loaded.problem} onRetry={loaded.reload} />
      {isNew && <Editor saved={undefined} onSaved={(rule) => navigate(`/client-admin/custom-rules/${rule.id}`, { replace: true })} />}
      {!isNew && !loaded.data && !loaded.problem && <Card flush><Skeleton /></Card>}
      {!isNew && loaded.data && <Editor key={loaded.data.id} saved={loaded.data} onSaved={loaded.set} />}
    </>
  );
}

/** What the server says of a condition, a moment after the typing ends. */
function useTrial(condition: string): { trial: RuleTrial | undefined; wrong: string | undefined } {
  const [state, setState] = useState<{ trial?: RuleTrial; wrong?: string }>({});
  useEffect(() => {
    if (!condition.trim()) return setState({});
    const controller = new AbortController();
    const timer = setTimeout(async () => {
      try {
        setState({ trial: await request<RuleTrial>('POST', `${PATH}/test`, { condition, testData: {} }, controller.signal) });
      } catch (error) {
        if (error instanceof Problem) setState({ wrong: error.errors[0] ? `The condition ${error.errors[0].message}.` : error.detail });
      }
    }, 300);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [condition]);
  return { trial: state.trial, wrong: state.wrong };
}

function Editor({ saved, onSaved }: { saved: CustomRule | undefined; onSaved: (rule: CustomRule) => void }): ReactElement {
  const mayChange = useMay('CLIENT_ADMIN');
  const [draft, setDraft] = useState<Draft>(saved ?? NEW);
  const [deleting, setDeleting] = useState(false);
  const variables = useGet<{ items: RuleVariable[] }>('/api/v1/rule-variables');
  const { trial, wrong } = useTrial(draft.condition);
  const put = (change: Partial<Draft>) => setDraft({ ...draft, ...change });
  const save = useAction(async () => {
    const { name, description, condition, action, scoreAdjustment, enabled, mode } = draft;
    const body = { name, description, condition, action, scoreAdjustment, enabled, mode };
    onSaved(await request<CustomRule>(saved ? 'PUT' : 'POST', saved ? `${PATH}/${saved.id}` : PATH, body));
    toast(saved ? 'Saved. The next event is judged by it.' : 'The rule is there, and looks at the next event.');
  });
  const remove = useAction(async () => {
    await request('DELETE', `${PATH}/${saved?.id}`);
    toast('The rule is deleted. Decisions that it took part in keep it.');
    navigate('/client-admin/custom-rules');
  });
  const { problem } = save;
  const isShownBelow = ['/name', '/description', '/condition', '/scoreAdjustment'].some((pointer) => problem?.of(pointer));
  return (
    <div className="split">
      <div className="stack">
        <Card>
          <form className="stack" id="rule" onSubmit={(event: FormEvent) => (event.preventDefault(), void save.run())}>
            {!isShownBelow && <ProblemNote problem={problem} />}
            <Field label="Name" wrong={problem?.of('/name')}>
              {(props) => <input {...props} className="input" required maxLength={100} disabled={!mayChange} value={draft.name} onChange={(event) => put({ name: event.target.value })} />}
            </Field>
            <Field label="What it is for" wrong={problem?.of('/description')}>
              {(props) => <input {...props} className="input" maxLength={1_000} disabled={!mayChange} value={draft.description} onChange={(event) => put({ description: event.target.value })} />}
            </Field>
            <ConditionEditor
              label="Condition"
              value={draft.condition}
              onChange={(condition) => put({ condition })}
              variables={variables.data?.items ?? []}
              wrong={wrong}
              wrongAt={wrong ? placeOf(wrong, draft.condition) : undefined}
              isDisabled={!mayChange}
            />
            {trial && <p className="muted small">The condition can be used. It costs {trial.cost} of at most 500{trial.missing.length > 0 && <>, and looks at {trial.missing.map((name, index) => <span key={name}>{index > 0 && ', '}<code>{name}</code></span>)}</>}.</p>}
          </form>
        </Card>
        {trial && <TryOnEvents condition={draft.condition} key={draft.condition} />}
      </div>
      <div className="stack">
        <Card title="When it holds">
          <div className="stack">
            <Field label="Action" hint={ABOUT[draft.action]}>
              {(props) => (
                <select {...props} className="input" disabled={!mayChange} value={draft.action} onChange={(event) => put({ action: event.target.value as Draft['action'] })}>
                  {DECISIONS.map((each) => <option key={each} value={each}>{titled(each)}</option>)}
                </select>
              )}
            </Field>
            <Field label="Adds to the score" hint="Of 1000. Scores of the ingest API get a tenth." wrong={problem?.of('/scoreAdjustment')}>
              {(props) => <input {...props} className="input number" type="number" min={-1_000} max={1_000} disabled={!mayChange} value={draft.scoreAdjustment} onChange={(event) => put({ scoreAdjustment: event.target.valueAsNumber || 0 })} />}
            </Field>
            <RuleModeField value={draft.mode} isDisabled={!mayChange} onChange={(mode) => put({ mode })} />
            <label className="check">
              <input type="checkbox" disabled={!mayChange} checked={draft.enabled} onChange={(event) => put({ enabled: event.target.checked })} /> It is looked at
            </label>
            {mayChange && (
              <div className="row">
                <Button kind="primary" type="submit" form="rule" disabled={save.isRunning || wrong !== undefined}>{saved ? 'Save' : 'Create rule'}</Button>
                {saved && <Button kind="danger push" onClick={() => setDeleting(true)}>Delete</Button>}
              </div>
            )}
          </div>
        </Card>
      </div>
      {deleting && (
        <Confirm title={`Delete ${saved?.name}?`} action="Delete rule" onClose={() => setDeleting(false)} onDo={remove.run} problem={remove.problem} isRunning={remove.isRunning}>
          It is gone from the next event on. To keep it for later, switch it off instead.
        </Confirm>
      )}
    </div>
  );
}
