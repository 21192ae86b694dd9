import assert from 'node:assert/strict';
import { it } from 'node:test';

import { fakePage } from '../fake.ts';
import { forgetId, rememberedId } from './remembered.ts';

it('is random, and stays until it is forgotten', () => {
  const { page } = fakePage();
  const id = rememberedId(page);
  assert.match(id, /^[0-9a-f]{32}$/);
  assert.equal(rememberedId(page), id);
  forgetId(page);
  assert.notEqual(rememberedId(page), id);
});

it('is made anew when something else was stored under its name', () => {
  const { page } = fakePage();
  page.localStorage.setItem('portcullis.id', '<script>');
  assert.match(rememberedId(page), /^[0-9a-f]{32}$/);
});
