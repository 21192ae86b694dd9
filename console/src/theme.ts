// Light or dark: as the system has it, unless somebody chose.

import { useState } from 'react';

export type Theme = 'system' | 'light' | 'dark';
const KEY = 'portcullis.theme';

function stored(): Theme {
  const text = localStorage.getItem(KEY);
  return text === 'light' || text === 'dark' ? text : 'system';
}

function show(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

export function showStoredTheme(): void {
  show(stored());
}

export function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState(stored);
  const choose = (next: Theme) => {
    localStorage.setItem(KEY, next);
    show(next);
    setTheme(next);
  };
  return [theme, choose];
}
