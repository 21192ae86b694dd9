// Who may log in for a client, for whoever runs the installation and for the client's own admins.

import { useState, type FormEvent, type ReactElement, type ReactNode } from 'react';

import { request } from '../api';
import { ExportButton, PagedTable, type Column } from './Table';
import { toast } from './toast';
import { Button, Card, Confirm, Dialog, Empty, Field, Note, ProblemNote, Time } from './ui';
import { useAction, usePages } from '../data';
import type { Teammate } from '../types';
import { PasswordField, ROLES, ROLE_NAMES, UserFields, newUserBody, type UserDraft } from './UserFields';

const COLUMNS: Column<Teammate>[] = [
  { head: 'E-mail', cell: (user) => <strong className="wrap">{user.email}</strong>, csv: (user) => user.email },
  { head: 'Role', cell: (user) => ROLE_NAMES[user.role], csv: (user) => user.role },
  { head: 'State', cell: (user) => <span className={`badge ${user.status === 'active' ? 'allow' : ''}`}>{user.status === 'active' ? 'Active' : 'Suspended'}</span>, csv: (user) => user.status },
  { head: 'Since', cell: (user) => <Time at={user.createdAt} />, csv: (user) => user.createdAt },
];

interface UsersProps {
  path: string;
  title: string;
  empty: ReactNode;
  mayChange: boolean;
  /** Whoever looks: nobody takes their own rights away. */
  self?: string | undefined;
}

export function Users({ path, title, empty, mayChange, self }: UsersProps): ReactElement {
  const pages = usePages<Teammate>(path);
  const [adding, setAdding] = useState(false);
  const [editing, setEditing] = useState<Teammate>();
  const done = (text: string) => {
    setAdding(false);
    setEditing(undefined);
    pages.reload();
    toast(text);
  };
  const actions: Column<Teammate> = {
    head: 'Actions', number: true,
    cell: (user) => <Button kind="small" aria-label={`Change ${user.email}`} onClick={() => setEditing(user)}>Change</Button>,
  };
  const add = mayChange && <Button kind="primary small" icon="plus" onClick={() => setAdding(true)}>Add user</Button>;
  return (
    <>
      <Card flush title={title} actions={<><ExportButton path={path} columns={COLUMNS} name="users" />{add}</>}>
        <PagedTable
          pages={pages}
          label={title}
          columns={mayChange ? [...COLUMNS, actions] : COLUMNS}
          id={(user) => user.id}
          empty={<Empty title="Nobody can log in for this client">{empty}{add}</Empty>}
        />
      </Card>
      {adding && <AddUser path={path} onClose={() => setAdding(false)} onDone={done} />}
      {editing && <ChangeUser path={path} user={editing} isSelf={editing.id === self} onClose={() => setEditing(undefined)} onDone={done} />}
    </>
  );
}

interface FormProps {
  path: string;
  onClose: () => void;
  onDone: (text: string) => void;
}

function AddUser({ path, onClose, onDone }: FormProps): ReactElement {
  const [draft, setDraft] = useState<UserDraft>({ email: '', password: '', role: 'CLIENT_ADMIN' });
  const action = useAction(async () => {
    await request('POST', path, newUserBody(draft));
    onDone(`${draft.email.trim()} may log in at /client-admin.`);
  });
  const isShownBelow = ['/email', '/password'].some((pointer) => action.problem?.of(pointer));
  return (
    <Dialog title="Add a user" onClose={onClose}>
      <form className="stack" onSubmit={(event: FormEvent) => (event.preventDefault(), void action.run())}>
        {!isShownBelow && <ProblemNote problem={action.problem} />}
        <UserFields draft={draft} setDraft={setDraft} problem={action.problem} />
        <div className="actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" disabled={action.isRunning}>Add user</Button>
        </div>
      </form>
    </Dialog>
  );
}

function ChangeUser({ path, user, isSelf, onClose, onDone }: FormProps & { user: Teammate; isSelf: boolean }): ReactElement {
  const [role, setRole] = useState(user.role);
  const [password, setPassword] = useState<string>();
  const [isRemoving, setRemoving] = useState(false);
  const action = useAction(async (status: Teammate['status']) => {
    const change = { ...(role !== user.role && { role }), ...(status !== user.status && { status }), ...(password !== undefined && { password }) };
    await request('PATCH', `${path}/${user.id}`, change);
    onDone(`${user.email} was changed, and has to log in again.`);
  });
  const remove = useAction(async () => {
    await request('DELETE', `${path}/${user.id}`);
    onDone(`${user.email} is removed. What they did stays in the audit log.`);
  });
  if (isRemoving) {
    return (
      <Confirm title={`Remove ${user.email}?`} action="Remove user" onClose={onClose} onDo={remove.run} problem={remove.problem} isRunning={remove.isRunning}>
        They are logged out at once and can not log in again. To keep the account for later, suspend it instead.
      </Confirm>
    );
  }
  const isActive = user.status === 'active';
  return (
    <Dialog title={user.email} onClose={onClose}>
      <form className="stack" onSubmit={(event: FormEvent) => (event.preventDefault(), void action.run(user.status))}>
        <Note>{isSelf ? 'This is you: somebody else can change your role. Another password logs you out.' : 'Any change ends the user’s sessions at once.'}</Note>
        {!action.problem?.of('/password') && <ProblemNote problem={action.problem} />}
        <Field label="Role">
          {(props) => (
            <select {...props} className="input" value={role} disabled={isSelf} onChange={(event) => setRole(event.target.value as Teammate['role'])}>
              {ROLES.map(([each, name]) => <option key={each} value={each}>{name}</option>)}
            </select>
          )}
        </Field>
        {password === undefined
          ? <div><Button kind="small" onClick={() => setPassword('')}>Set another password</Button></div>
          : <PasswordField value={password} onChange={setPassword} wrong={action.problem?.of('/password')} />}
        <div className="actions">
          {!isSelf && <Button kind="danger" onClick={() => setRemoving(true)}>Remove</Button>}
          {!isSelf && <Button kind={isActive ? 'danger' : ''} disabled={action.isRunning} onClick={() => void action.run(isActive ? 'disabled' : 'active')}>{isActive ? 'Suspend' : 'Let in again'}</Button>}
          <Button kind="push" onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" disabled={action.isRunning}>Save</Button>
        </div>
      </form>
    </Dialog>
  );
}
