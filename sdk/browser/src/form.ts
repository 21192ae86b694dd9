// Attaches to a signup or login form, and hands what it collects to the form's own backend.

import { type Behavior, type Watch, watch } from './behavior.ts';
import { type Consent, whenGranted } from './consent.ts';
import { describeDevice, type Device } from './device.ts';
import { attempt, type OnError, type Page } from './page.ts';
import { noticeShown, type Shown } from './shown.ts';
import { type Asked, askVisitorId, type VisitorId } from './visitor_id.ts';

export interface Signals {
  device: Device;
  behavior: Behavior;
}

export interface CollectOptions {
  // `true`, or a promise of it. Until then nothing is collected.
  consent: Consent;
  // An id of the device from elsewhere, such as FingerprintJS' `visitorId`, in place of our own.
  visitorId?: VisitorId | undefined;
  // Keep a random id in this browser's storage, in place of the one that is computed from what the browser shows.
  remember?: boolean | undefined;
  // Is told of what went wrong.
  onError?: OnError | undefined;
}

export interface AttachOptions extends CollectOptions {
  // The hidden field that carries the signals as JSON; `fraudSignals` when left out.
  fieldName?: string | undefined;
  // Is given the signals when the form is sent, in place of a hidden field.
  onSubmit?: ((signals: Signals) => void) | undefined;
}

export interface Attachment {
  // What is known now, with the device's id waited for at most a second. Undefined without consent.
  collect(): Promise<Signals | undefined>;
  // Puts the hidden field into the form now, for pages that call `form.submit()`, which tells nobody.
  fill(): void;
  // Ends all listening, takes the field away, and forgets what was collected.
  detach(): void;
}

export function attachToForm(form: HTMLFormElement, options: AttachOptions, page: Page = window): Attachment {
  const attached = new FormAttachment(form, options ?? { consent: false }, page);
  attempt(() => attached.start(), options?.onError);
  return attached;
}

class FormAttachment implements Attachment {
  private behavior: Watch | undefined;
  private device: (() => Device) | undefined;
  private asked: Asked | undefined;
  private shown: Shown | undefined;
  private field: HTMLInputElement | undefined;
  private isDetached = false;

  constructor(
    private readonly form: HTMLFormElement,
    private readonly options: AttachOptions,
    private readonly page: Page,
  ) {}

  start(): void {
    const { form, page } = this;
    const { consent, onError } = this.options;
    // Before there is consent nobody is observed: this is the page's own clock.
    const attachedAt = page.Date.now();
    if (consent === true) this.shown = attempt(() => noticeShown(form, page, onError), onError);
    const granted = () => void attempt(() => this.begin(() => this.shown?.since() ?? attachedAt), onError);
    whenGranted(consent, granted, onError);
  }

  async collect(): Promise<Signals | undefined> {
    await this.asked?.settled;
    return this.read();
  }

  fill(): void {
    attempt(() => {
      const signals = this.read();
      if (!signals) return;
      this.field ??= addField(this.form, this.options.fieldName ?? 'fraudSignals', this.page);
      this.field.value = JSON.stringify(signals);
    }, this.options.onError);
  }

  detach(): void {
    attempt(() => {
      this.isDetached = true;
      this.shown?.stop();
      this.behavior?.stop();
      this.behavior = this.device = undefined;
      this.form.removeEventListener('submit', this.submitted, { capture: true });
      this.field?.remove();
      this.field = undefined;
    }, this.options.onError);
  }

  private begin(startedAt: () => number): void {
    if (this.isDetached) return;
    const { form, page } = this;
    const { visitorId, remember, onError } = this.options;
    this.device = once(() => describeDevice(page, visitorId ? 'none' : { remember }, onError));
    this.behavior = watch(form, page, startedAt, onError);
    this.asked = visitorId && askVisitorId(visitorId, onError);
    // Before the page's own listeners, which may read the form's fields.
    form.addEventListener('submit', this.submitted, { capture: true, passive: true });
    whenIdle(page, () => void this.device?.());
  }

  private read(): Signals | undefined {
    return attempt(() => {
      if (!this.device || !this.behavior) return undefined;
      const id = this.asked?.now();
      const device = { ...this.device(), ...(id && { clientFingerprint: id }) };
      return { device, behavior: this.behavior.read() };
    }, this.options.onError);
  }

  private readonly submitted = () => {
    const { onSubmit, onError } = this.options;
    if (!onSubmit) return this.fill();
    const signals = this.read();
    if (signals) attempt(() => onSubmit(signals), onError);
  };
}

// The device is described once: when the browser has time for it, or else when the form is sent.
function once<T>(work: () => T): () => T {
  let known: T | undefined;
  return () => (known ??= work());
}

// Soon, when the browser has nothing better to do.
function whenIdle(page: Page, work: () => void): void {
  if (page.requestIdleCallback) page.requestIdleCallback(work, { timeout: 500 });
  else page.setTimeout(work, 50);
}

function addField(form: HTMLFormElement, name: string, page: Page): HTMLInputElement {
  const field = page.document.createElement('input');
  field.type = 'hidden';
  field.name = name;
  form.append(field);
  return field;
}
