// Small parts that every screen is made of.

import { useEffect, useId, useRef, useState, type ButtonHTMLAttributes, type ReactElement, type ReactNode } from 'react';

import type { Problem } from '../api';
import { ago, local, utc } from '../logic/time';
import { Link } from '../router';
import { Icon, type IconName } from './icons';

export function PageHead(props: { title: string; about?: ReactNode; crumbs?: [string, string][]; children?: ReactNode }): ReactElement {
  useEffect(() => {
    document.title = `${props.title} · Portcullis`;
  }, [props.title]);
  return (
    <div className="page-head">
      <div>
        {props.crumbs && (
          <nav className="crumbs" aria-label="Breadcrumb">
            {props.crumbs.map(([name, href]) => (
              <span key={href}>
                <Link href={href}>{name}</Link> /
              </span>
            ))}
          </nav>
        )}
        <h1 className="wrap">{props.title}</h1>
        {props.about && <p>{props.about}</p>}
      </div>
      <div className="row">{props.children}</div>
    </div>
  );
}

export function Card(props: { title?: ReactNode; about?: ReactNode; actions?: ReactNode; children: ReactNode; flush?: boolean }): ReactElement {
  return (
    <section className="card">
      {props.title && (
        <header>
          <h2>{props.title}</h2>
          {props.actions && <div className="row push">{props.actions}</div>}
          {props.about && <p>{props.about}</p>}
        </header>
      )}
      {props.flush ? props.children : <div className="body">{props.children}</div>}
    </section>
  );
}

type ButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & { kind?: string; icon?: IconName };

export function Button({ kind = '', icon, children, ...rest }: ButtonProps): ReactElement {
  return (
    <button type="button" {...rest} className={`button ${kind}`}>
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
}

export interface FieldProps {
  label: string;
  hint?: ReactNode;
  wrong?: string | undefined;
  children: (props: { id: string; 'aria-describedby'?: string; 'aria-invalid'?: boolean }) => ReactNode;
}

/** A labeled control, with what it wants and what is wrong with it tied to it. */
export function Field({ label, hint, wrong, children }: FieldProps): ReactElement {
  const id = useId();
  const about = [hint && `${id}-hint`, wrong && `${id}-wrong`].filter(Boolean).join(' ');
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({ id, ...(about && { 'aria-describedby': about }), ...(wrong && { 'aria-invalid': true }) })}
      {hint && (
        <span className="hint" id={`${id}-hint`}>
          {hint}
        </span>
      )}
      {wrong && (
        <span className="wrong" id={`${id}-wrong`}>
          {wrong}
        </span>
      )}
    </div>
  );
}

export function Note({ kind = '', children }: { kind?: 'bad' | 'good' | ''; children: ReactNode }): ReactElement {
  return (
    <div className={`note ${kind}`} role={kind === 'bad' ? 'alert' : undefined}>
      {children}
    </div>
  );
}

/** What went wrong, in words, with the id that the operator can look up. */
export function ProblemNote({ problem, onRetry }: { problem: Problem | undefined; onRetry?: () => void }): ReactElement | null {
  if (!problem) return null;
  return (
    <Note kind="bad">
      <div className="row">
        <span>
          {problem.detail}
          {problem.errors.length > 1 && (
            <ul>
              {problem.errors.map((error) => (
                <li key={error.pointer + error.message}>
                  <code>{error.pointer || 'The request'}</code> {error.message}
                </li>
              ))}
            </ul>
          )}
          {problem.requestId && problem.status >= 500 && (
            <>
              {' '}
              Request <code>{problem.requestId}</code>.
            </>
          )}
        </span>
        {onRetry && (
          <Button kind="small push" onClick={onRetry}>
            Try again
          </Button>
        )}
      </div>
    </Note>
  );
}

export function Skeleton({ lines = 5 }: { lines?: number }): ReactElement {
  return (
    <div className="skeleton" role="status">
      <span className="hidden">Loading</span>
      {Array.from({ length: lines }, (_, line) => (
        <i key={line} />
      ))}
    </div>
  );
}

/** What to do where there is nothing yet. */
export function Empty({ title, children, sample }: { title: string; children?: ReactNode; sample?: string }): ReactElement {
  return (
    <div className="empty">
      <h2>{title}</h2>
      {children}
      {sample && <Sample text={sample} />}
    </div>
  );
}

/** A command to copy. */
export function Sample({ text, label = 'Copy' }: { text: string; label?: string }): ReactElement {
  return (
    <div className="sample">
      <pre tabIndex={0}>{text}</pre>
      <CopyButton text={text} label={label} />
    </div>
  );
}

export function CopyButton({ text, label = 'Copy' }: { text: string; label?: string }): ReactElement {
  const [said, setSaid] = useState(label);
  const copy = async () => {
    setSaid((await copied(text)) ? 'Copied' : 'Press Ctrl+C');
    setTimeout(() => setSaid(label), 2_000);
  };
  return (
    <Button kind="small" icon="copy" onClick={() => void copy()}>
      <span aria-live="polite">{said}</span>
    </Button>
  );
}

/** Without TLS, browsers have no clipboard; a selected field still copies. */
async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement('textarea');
    field.value = text;
    (document.querySelector('dialog[open]') ?? document.body).append(field);
    field.select();
    const done = document.execCommand('copy');
    field.remove();
    return done;
  }
}

export function Time({ at, relative = false }: { at: string | null; relative?: boolean }): ReactElement {
  if (!at) return <span className="muted">never</span>;
  return (
    <time className="nowrap" dateTime={at} title={utc(at)}>
      {relative ? ago(at, Date.now()) : local(at)}
    </time>
  );
}

export function Stat({ name, children, more }: { name: ReactNode; children: ReactNode; more?: ReactNode }): ReactElement {
  return (
    <div className="card stat">
      <dt>{name}</dt>
      <dd>
        {children}
        {more && <small>{more}</small>}
      </dd>
    </div>
  );
}

/** A window over the page. Esc closes it, and the focus goes back to where it was. */
export function Dialog({ title, onClose, children }: { title: string; onClose: () => void; children: ReactNode }): ReactElement {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog ref={ref} aria-labelledby={id} onCancel={(event) => (event.preventDefault(), onClose())}>
      <div>
        <h1 id={id}>{title}</h1>
        {children}
      </div>
    </dialog>
  );
}

/** Asks before something that can not be taken back. */
export function Confirm(props: { title: string; children: ReactNode; action: string; onDo: () => Promise<void>; onClose: () => void; problem: Problem | undefined; isRunning: boolean }): ReactElement {
  return (
    <Dialog title={props.title} onClose={props.onClose}>
      <div>{props.children}</div>
      <ProblemNote problem={props.problem} />
      <div className="actions">
        <Button onClick={props.onClose}>Cancel</Button>
        <Button kind="danger" disabled={props.isRunning} onClick={() => void props.onDo()}>
          {props.action}
        </Button>
      </div>
    </Dialog>
  );
}

export function Tabs<T extends string>({ tabs, current, onPick, label }: { tabs: readonly (readonly [T, string])[]; current: T; onPick: (tab: T) => void; label: string }): ReactElement {
  const move = (step: number) => {
    const index = tabs.findIndex(([tab]) => tab === current);
    const next = tabs[(index + step + tabs.length) % tabs.length];
    if (next) {
      onPick(next[0]);
      document.getElementById(`tab-${next[0]}`)?.focus();
    }
  };
  return (
    <div className="tabs" role="tablist" aria-label={label} onKeyDown={(event) => (event.key === 'ArrowRight' ? move(1) : event.key === 'ArrowLeft' && move(-1))}>
      {tabs.map(([tab, name]) => (
        <button key={tab} id={`tab-${tab}`} type="button" role="tab" aria-selected={tab === current} tabIndex={tab === current ? 0 : -1} onClick={() => onPick(tab)}>
          {name}
        </button>
      ))}
    </div>
  );
}
