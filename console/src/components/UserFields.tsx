// Who may log in, as a form.

import { useState, type ReactElement } from 'react';

import type { Problem } from '../api';
import { Button, CopyButton, Field } from './ui';
import type { Teammate } from '../types';

export interface UserDraft {
  email: string;
  password: string;
  role: Teammate['role'];
}

export const ROLES: [Teammate['role'], string][] = [
  ['CLIENT_ADMIN', 'Admin: changes rules, keys and webhooks'],
  ['ANALYST', 'Analyst: works on lists, reviews and signals'],
  ['VIEWER', 'Viewer: sees everything of the client'],
];

export const ROLE_NAMES = { CLIENT_ADMIN: 'Admin', ANALYST: 'Analyst', VIEWER: 'Viewer' };

export const newUserBody = ({ email, password, role }: UserDraft) => ({ email: email.trim(), password, role });

/** 20 characters of 62, and one of each kind that the server asks for. */
export function randomPassword(): string {
  const kinds = ['ABCDEFGHJKLMNPQRSTUVWXYZ', 'abcdefghijkmnopqrstuvwxyz', '23456789'];
  const all = kinds.join('');
  const pick = (from: string) => from[(crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) % from.length] ?? '';
  return [...kinds, ...Array.from({ length: 17 }, () => all)].map(pick).join('');
}

export function PasswordField({ value, onChange, wrong }: { value: string; onChange: (value: string) => void; wrong: string | undefined }): ReactElement {
  const [isShown, setShown] = useState(false);
  return (
    <div className="stack tight">
      <Field label="Password" wrong={wrong} hint="At least 8 characters, with an upper-case letter, a lower-case letter and a digit.">
        {(props) => <input {...props} className="input mono" type={isShown ? 'text' : 'password'} autoComplete="new-password" required value={value} onChange={(event) => onChange(event.target.value)} />}
      </Field>
      <div className="row">
        <Button kind="small" onClick={() => (setShown(true), onChange(randomPassword()))}>Make one up</Button>
        <Button kind="small" aria-pressed={isShown} onClick={() => setShown(!isShown)}>{isShown ? 'Hide' : 'Show'}</Button>
        {value && <CopyButton text={value} label="Copy password" />}
      </div>
    </div>
  );
}

export function UserFields({ draft, setDraft, problem }: { draft: UserDraft; setDraft: (draft: UserDraft) => void; problem: Problem | undefined }): ReactElement {
  return (
    <>
      <Field label="E-mail address" wrong={problem?.of('/email')}>
        {(props) => <input {...props} className="input" type="email" autoComplete="off" required value={draft.email} onChange={(event) => setDraft({ ...draft, email: event.target.value })} />}
      </Field>
      <PasswordField value={draft.password} onChange={(password) => setDraft({ ...draft, password })} wrong={problem?.of('/password')} />
      <Field label="Role">
        {(props) => (
          <select {...props} className="input" value={draft.role} onChange={(event) => setDraft({ ...draft, role: event.target.value as UserDraft['role'] })}>
            {ROLES.map(([role, name]) => <option key={role} value={role}>{name}</option>)}
          </select>
        )}
      </Field>
    </>
  );
}
