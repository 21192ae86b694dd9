export type { Behavior, Point } from './behavior.ts';
export { collectDevice, collectFingerprint, forget } from './collect.ts';
export type { Consent } from './consent.ts';
export type { Device } from './device.ts';
export { type EnvelopeOptions, sealDevice } from './envelope/envelope.ts';
export type { Fingerprint } from './fingerprint.ts';
export { type Attachment, attachToForm, type AttachOptions, type CollectOptions, type Signals } from './form.ts';
export type { Screen } from './sources/screen.ts';
export type { VisitorId } from './visitor_id.ts';
