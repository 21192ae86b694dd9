// An editor for conditions: colors, completion, and where something is wrong. A plain text field underneath.

import { useId, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactElement } from 'react';

import { suggest, tokens } from '../logic/condition';
import type { RuleVariable } from '../types';

interface Props {
  label: string;
  value: string;
  onChange: (value: string) => void;
  variables: RuleVariable[];
  wrong: string | undefined;
  wrongAt: number | undefined;
  isDisabled?: boolean;
}

export function ConditionEditor({ label, value, onChange, variables, wrong, wrongAt, isDisabled = false }: Props): ReactElement {
  const id = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  const caretAfter = useRef<number>(undefined);
  const [caret, setCaret] = useState(0);
  const [isOpen, setOpen] = useState(false);
  const [picked, setPicked] = useState(0);
  const { from, items } = isOpen ? suggest(value, caret, variables) : { from: 0, items: [] };
  const chosen = Math.min(picked, items.length - 1);

  useLayoutEffect(() => {
    const area = field.current;
    if (!area) return;
    area.style.height = 'auto';
    area.style.height = `${area.scrollHeight}px`;
    if (caretAfter.current !== undefined) area.setSelectionRange(caretAfter.current, caretAfter.current);
    caretAfter.current = undefined;
  }, [value]);

  const take = (text: string) => {
    caretAfter.current = from + text.length;
    onChange(value.slice(0, from) + text + value.slice(caret));
    setOpen(false);
    field.current?.focus();
  };
  const press = (event: KeyboardEvent) => {
    if (items.length === 0) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const item = items[chosen];
    if (step) setPicked((chosen + step + items.length) % items.length);
    else if ((event.key === 'Enter' || event.key === 'Tab') && item) take(item.text);
    else if (event.key === 'Escape') setOpen(false);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <div>
        <div className="editor">
          <pre aria-hidden="true">
            {tokens(value).map((token) => (
              <span key={token.start} className={`t-${token.kind} ${isWrong(token, wrongAt) ? 't-wrong' : ''}`}>{token.text}</span>
            ))}
            {'\n'}
          </pre>
          <textarea
            ref={field}
            id={id}
            className="code"
            spellCheck={false}
            autoCapitalize="off"
            autoComplete="off"
            disabled={isDisabled}
            aria-controls={`${id}-list`}
            aria-autocomplete="list"
            aria-activedescendant={items.length > 0 ? `${id}-${chosen}` : undefined}
            aria-invalid={wrong !== undefined}
            aria-describedby={`${id}-about`}
            value={value}
            onChange={(event) => {
              onChange(event.target.value);
              setCaret(event.target.selectionStart);
              setOpen(true);
              setPicked(0);
            }}
            onSelect={(event) => setCaret(event.currentTarget.selectionStart)}
            onKeyDown={press}
            onBlur={() => setOpen(false)}
          />
        </div>
        <ul className={items.length > 0 ? 'suggest' : 'hidden'} id={`${id}-list`} role="listbox" aria-label="Completions">
          {items.map((item, index) => (
            <li key={item.text} id={`${id}-${index}`} role="option" aria-selected={index === chosen} onMouseDown={(event) => (event.preventDefault(), take(item.text))}>
              <code>{item.text}</code> <span className="muted small">{item.about}</span>
            </li>
          ))}
        </ul>
      </div>
      <span id={`${id}-about`} className={wrong && items.length === 0 ? 'wrong' : 'hint'} aria-live="polite">
        {items.length > 0 ? `${items.length} completions: arrow keys choose, Enter takes.` : (wrong ?? 'Names are completed as you type.')}
      </span>
    </div>
  );
}

function isWrong({ start, text }: { start: number; text: string }, at: number | undefined): boolean {
  return at !== undefined && at >= start && at < start + text.length;
}
