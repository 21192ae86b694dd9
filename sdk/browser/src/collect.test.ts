import assert from 'node:assert/strict';
import { it } from 'node:test';

import { collectDevice, collectFingerprint, forget } from './collect.ts';
import { fakePage } from './fake.ts';
import type { CollectOptions } from './form.ts';

it('gives the objects of both APIs', async () => {
  const { page } = fakePage();
  assert.equal((await collectDevice({ consent: true }, page))?.userAgent, page.navigator.userAgent);
  assert.equal((await collectDevice({ consent: true, visitorId: () => 'visitor-1' }, page))?.clientFingerprint, 'visitor-1');
  assert.equal((await collectFingerprint({ consent: Promise.resolve(true) }, page))?.user_agent, page.navigator.userAgent);
});

it('reads nothing without consent', async () => {
  const { page, touched } = fakePage();
  for (const consent of [false, Promise.resolve(false), 'yes' as unknown as boolean, Promise.reject(new Error('closed'))]) {
    assert.equal(await collectDevice({ consent }, page), undefined);
    if (typeof consent === 'boolean') assert.equal(await collectFingerprint({ consent }, page), undefined);
  }
  assert.deepEqual(touched, []);
});

it('never fails', async () => {
  const { page } = fakePage({ indexedDB: undefined });
  assert.equal(await collectDevice(undefined as unknown as CollectOptions, page), undefined);
  await forget(undefined, page);
});

it('forgets what it remembered', async () => {
  const deleted: string[] = [];
  const deleteDatabase = (name: string) => {
    deleted.push(name);
    const request: { onsuccess?: () => void } = {};
    queueMicrotask(() => request.onsuccess?.());
    return request;
  };
  const { page } = fakePage({ indexedDB: { deleteDatabase } });
  const options = { consent: true, remember: true };
  const before = await collectDevice(options, page);
  assert.equal((await collectDevice(options, page))?.clientFingerprint, before?.clientFingerprint);
  await forget(undefined, page);
  assert.notEqual((await collectDevice(options, page))?.clientFingerprint, before?.clientFingerprint);
  assert.deepEqual(deleted, ['portcullis']);
});
