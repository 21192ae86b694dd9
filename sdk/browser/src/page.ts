// The page that the script runs in, handed to whatever reads from it: tests hand in one of their own.

export type Page = Window & typeof globalThis;

// Is told of what went wrong. Nothing is ever thrown into the page.
export type OnError = (error: unknown) => void;

// What `work` gives, or undefined when it throws.
export function attempt<T>(work: () => T, onError?: OnError): T | undefined {
  try {
    return work();
  } catch (error) {
    report(error, onError);
    return undefined;
  }
}

export function report(error: unknown, onError?: OnError): void {
  try {
    onError?.(error);
  } catch {
    // Who listens for errors makes none.
  }
}

// The object without the fields that have no value.
export function present<T extends object>(fields: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
