// The page: sends the form with its fraud signals to the shop's own backend, and shows what comes back.

const TEXTS = {
  signup: 'Your account is ready.',
  login: 'You are logged in.',
  challenge: 'We sent a code to your e-mail address. Enter it to go on.',
  unreachable: 'The shop can not be reached. Please try again.',
};

const form = document.querySelector('form[data-action]');
const codeForm = document.querySelector('form#code');
const message = document.querySelector('#message');
const action = form.dataset.action; // signup or login
let heldEvent;

// `collect` is called with the form when it is shown; what it returns is called when the form is sent, and gives its
// fraud signals or a promise of them.
export function run(collect) {
  const signals = collect(form);
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const { email, password } = form.elements;
    const fraudSignals = await busy(form, signals);
    const answer = await busy(form, () => post(`/api/${action}`, { email: email.value, password: password.value, fraudSignals }));
    if (answer.challenge) return askForCode(answer.eventId);
    finish(answer, form);
  });
}

codeForm.addEventListener('submit', async (event) => {
  event.preventDefault();
  const code = codeForm.elements.code.value;
  finish(await busy(codeForm, () => post('/api/verify', { eventId: heldEvent, code })), codeForm);
});

function askForCode(eventId) {
  heldEvent = eventId;
  form.hidden = true;
  codeForm.hidden = false;
  show('info', TEXTS.challenge);
  codeForm.elements.code.focus();
}

function finish(answer, sentForm) {
  if (answer.error) return show('error', answer.error);
  sentForm.hidden = true;
  show('success', TEXTS[action]);
}

function show(kind, text) {
  message.className = kind;
  message.textContent = text;
}

async function busy(sentForm, work) {
  const button = sentForm.querySelector('button');
  button.disabled = true;
  try {
    return await work();
  } finally {
    button.disabled = false;
  }
}

async function post(path, body) {
  try {
    const response = await fetch(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    return await response.json();
  } catch {
    return { error: TEXTS.unreachable };
  }
}
