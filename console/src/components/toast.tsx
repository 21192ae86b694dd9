// Short messages at the edge of the page.

import { useSyncExternalStore, type ReactElement } from 'react';

interface Toast {
  id: number;
  text: string;
}

let toasts: Toast[] = [];
let lastId = 0;
const listeners = new Set<() => void>();

function change(next: Toast[]): void {
  toasts = next;
  listeners.forEach((listener) => listener());
}

/** Says that something was done. */
export function toast(text: string): void {
  lastId += 1;
  const id = lastId;
  change([...toasts, { id, text }]);
  setTimeout(() => change(toasts.filter((each) => each.id !== id)), 5_000);
}

export function Toasts(): ReactElement {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => toasts,
  );
  return (
    <div className="toasts" role="status" aria-live="polite">
      {shown.map(({ id, text }) => (
        <div className="toast" key={id}>
          {text}
        </div>
      ))}
    </div>
  );
}
