// Who may log in for a client.

import { useState, type FormEvent, type ReactElement } from 'react';

import { request } from '../../api';
import { ExportButton, PagedTable, type Column } from '../../components/Table';
import { toast } from '../../components/toast';
import { Button, Card, Dialog, Empty, Field, Note, ProblemNote, Time } from '../../components/ui';
import { useAction, usePages } from '../../data';
import type { Teammate } from '../../types';
import { PasswordField, ROLES, ROLE_NAMES, UserFields, newUserBody, type UserDraft } from './UserFields';

const COLUMNS: Column<Teammate>[] = [
  { head: 'E-mail', cell: (user) => <strong className="wrap">{user.email}</strong>, csv: (user) => user.email },
  { head: 'Role', cell: (user) => ROLE_NAMES[user.role], csv: (user) => user.role },
  { head: 'State', cell: (user) => <span className={`badge ${user.status === 'active' ? 'allow' : ''}`}>{user.status === 'active' ? 'Active' : 'Disabled'}</span>, csv: (user) => user.status },
  { head: 'Since', cell: (user) => <Time at={user.createdAt} />, csv: (user) => user.createdAt },
];

export function Users({ path }: { path: string }): ReactElement {
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
  const add = <Button kind="primary small" icon="plus" onClick={() => setAdding(true)}>Add user</Button>;
  return (
    <>
      <Card flush title="Users" actions={<><ExportButton path={path} columns={COLUMNS} name="users" />{add}</>}>
        <PagedTable
          pages={pages}
          label="Users"
          columns={[...COLUMNS, actions]}
          id={(user) => user.id}
          empty={<Empty title="Nobody can log in for this client"><p>That is fine for a client that only calls the API. Somebody with the role of an admin could make keys and tune the rules.</p>{add}</Empty>}
        />
      </Card>
      {adding && <AddUser path={path} onClose={() => setAdding(false)} onDone={done} />}
      {editing && <ChangeUser path={path} user={editing} onClose={() => setEditing(undefined)} onDone={done} />}
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

function ChangeUser({ path, user, onClose, onDone }: FormProps & { user: Teammate }): ReactElement {
  const [role, setRole] = useState(user.role);
  const [password, setPassword] = useState<string>();
  const action = useAction(async (status: Teammate['status']) => {
    const change = { ...(role !== user.role && { role }), ...(status !== user.status && { status }), ...(password !== undefined && { password }) };
    await request('PATCH', `${path}/${user.id}`, change);
    onDone(`${user.email} was changed, and has to log in again.`);
  });
  return (
    <Dialog title={user.email} onClose={onClose}>
      <form className="stack" onSubmit={(event: FormEvent) => (event.preventDefault(), void action.run(user.status))}>
        <Note>Any change ends the user’s sessions at once.</Note>
        {!action.problem?.of('/password') && <ProblemNote problem={action.problem} />}
        <Field label="Role">
          {(props) => (
            <select {...props} className="input" value={role} onChange={(event) => setRole(event.target.value as Teammate['role'])}>
              {ROLES.map(([each, name]) => <option key={each} value={each}>{name}</option>)}
            </select>
          )}
        </Field>
        {password === undefined
          ? <div><Button kind="small" onClick={() => setPassword('')}>Set another password</Button></div>
          : <PasswordField value={password} onChange={setPassword} wrong={action.problem?.of('/password')} />}
        <div className="actions">
          <Button kind={user.status === 'active' ? 'danger' : ''} disabled={action.isRunning} onClick={() => void action.run(user.status === 'active' ? 'disabled' : 'active')}>
            {user.status === 'active' ? 'Disable' : 'Enable'}
          </Button>
          <Button kind="push" onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" disabled={action.isRunning}>Save</Button>
        </div>
      </form>
    </Dialog>
  );
}
