// The page with the browser SDK, which a classic script before this one loaded, and a box for the visitor's consent.
// Where that script is blocked, or consent withheld, the form is sent without signals.

import { run } from './shop.js';

const box = document.querySelector('#consent');
const consent = new Promise((resolve) => box.addEventListener('change', () => box.checked && resolve(true)));

run((form) => {
  const attachment = globalThis.Portcullis?.attachToForm(form, { consent });
  box.addEventListener('change', () => box.checked || attachment?.detach());
  return () => attachment?.collect();
});
