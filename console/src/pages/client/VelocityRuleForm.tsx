// One velocity rule: made, changed or deleted.

import { useState, type FormEvent, type ReactElement } from 'react';

import { request } from '../../api';
import { titled } from '../../components/Decision';
import { RuleModeField } from '../../components/RuleMode';
import { Button, Confirm, Dialog, Field, ProblemNote } from '../../components/ui';
import { useAction } from '../../data';
import type { VelocityRule } from '../../types';

export const SCOPES: Record<VelocityRule['scope'], string> = { user_id: 'by one user', ip_address: 'from one address', device_id: 'from one device' };
const CONSEQUENCES = ['block', 'challenge', 'review', 'flag'] as const;

type Draft = Pick<VelocityRule, 'name' | 'description' | 'action' | 'limit' | 'window' | 'scope' | 'onExceed' | 'enabled' | 'mode'> & { cooldown: string };
const NEW: Draft = { name: '', description: '', action: '', limit: 5, window: '15m', scope: 'user_id', onExceed: 'block', cooldown: '', enabled: true, mode: 'shadow' };

interface Props {
  path: string;
  rule: VelocityRule | undefined;
  mayChange: boolean;
  onClose: () => void;
  onDone: (text: string) => void;
}

export function VelocityRuleForm({ path, rule, mayChange, onClose, onDone }: Props): ReactElement {
  const [draft, setDraft] = useState<Draft>(rule ? { ...rule, cooldown: rule.cooldown ?? '' } : NEW);
  const [isDeleting, setDeleting] = useState(false);
  const put = (change: Partial<Draft>) => setDraft({ ...draft, ...change });
  const save = useAction(async () => {
    const { name, description, action, limit, window, scope, onExceed, cooldown, enabled, mode } = draft;
    const body = { name, description, action, limit, window: window.trim(), scope, onExceed, cooldown: cooldown.trim() || null, enabled, mode };
    await request(rule ? 'PUT' : 'POST', rule ? `${path}/${rule.id}` : path, body);
    onDone(rule ? 'Saved. The next attempt is judged by it.' : 'The rule is there, and looks at the next attempt.');
  });
  const remove = useAction(async () => {
    await request('DELETE', `${path}/${rule?.id}`);
    onDone('The rule is deleted, with its cooldowns.');
  });
  if (isDeleting) {
    return (
      <Confirm title={`Delete ${rule?.name}?`} action="Delete rule" onClose={onClose} onDo={remove.run} problem={remove.problem} isRunning={remove.isRunning}>
        It is gone from the next attempt on. To keep it for later, switch it off instead.
      </Confirm>
    );
  }
  const { problem } = save;
  const isShownBelow = ['/name', '/description', '/action', '/limit', '/window', '/cooldown'].some((pointer) => problem?.of(pointer));
  const text = (name: 'name' | 'description' | 'action' | 'window' | 'cooldown', label: string, hint?: string, required = false) => (
    <Field label={label} {...(hint && { hint })} wrong={problem?.of(`/${name}`)}>
      {(props) => <input {...props} className="input" required={required} disabled={!mayChange} value={draft[name]} onChange={(event) => put({ [name]: event.target.value })} />}
    </Field>
  );
  return (
    <Dialog title={rule ? rule.name : 'A new velocity rule'} onClose={onClose}>
      <form className="stack" onSubmit={(event: FormEvent) => (event.preventDefault(), void save.run())}>
        {!isShownBelow && <ProblemNote problem={problem} />}
        {text('name', 'Name', undefined, true)}
        {text('description', 'What it is for')}
        {text('action', 'What is attempted', 'The word that your backend asks with, such as login.', true)}
        <div className="row top">
          <Field label="At most" wrong={problem?.of('/limit')}>
            {(props) => <input {...props} className="input number" type="number" min={1} max={1_000_000} required disabled={!mayChange} value={Number.isNaN(draft.limit) ? '' : draft.limit} onChange={(event) => put({ limit: event.target.valueAsNumber })} />}
          </Field>
          {text('window', 'Within', 'Such as 30s, 15m, 1h or 30d.', true)}
          <Field label="Counted together">
            {(props) => (
              <select {...props} className="input" disabled={!mayChange} value={draft.scope} onChange={(event) => put({ scope: event.target.value as Draft['scope'] })}>
                {Object.entries(SCOPES).map(([scope, name]) => <option key={scope} value={scope}>{titled(name)}</option>)}
              </select>
            )}
          </Field>
        </div>
        <div className="row top">
          <Field label="One more is to">
            {(props) => (
              <select {...props} className="input" disabled={!mayChange} value={draft.onExceed} onChange={(event) => put({ onExceed: event.target.value as Draft['onExceed'] })}>
                {CONSEQUENCES.map((each) => <option key={each} value={each}>{titled(each)}</option>)}
              </select>
            )}
          </Field>
          {text('cooldown', 'And goes on for', 'Empty: no longer than the window is full.')}
        </div>
        <RuleModeField value={draft.mode} isDisabled={!mayChange} onChange={(mode) => put({ mode })} />
        <label className="check">
          <input type="checkbox" disabled={!mayChange} checked={draft.enabled} onChange={(event) => put({ enabled: event.target.checked })} /> It is looked at
        </label>
        <div className="actions">
          {rule && mayChange && <Button kind="danger" onClick={() => setDeleting(true)}>Delete</Button>}
          <Button kind="push" onClick={onClose}>{mayChange ? 'Cancel' : 'Close'}</Button>
          {mayChange && <Button kind="primary" type="submit" disabled={save.isRunning}>{rule ? 'Save' : 'Create rule'}</Button>}
        </div>
      </form>
    </Dialog>
  );
}
