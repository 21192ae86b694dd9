// Asks Portcullis what to make of a signup or login, and tells it later what became of it.

const { PORTCULLIS_URL = 'http://127.0.0.1:8080', PORTCULLIS_KEY } = process.env;

// Nobody waits longer than this for a signup or login because of the fraud check.
const TIMEOUT_MS = 1000;

// What to do when there is no answer in time. ALLOW loses no customer but lets everybody in who can make the check
// fail; BLOCK does the opposite. A code by e-mail costs honest people a minute and stops what has no mailbox.
const WITHOUT_ANSWER = 'CHALLENGE';

// Gives { decision, eventId }. `decision` is ALLOW, CHALLENGE or BLOCK, or INVALID when the browser sent something that
// can not be judged: treat that as a faulty request, never as "no answer", or it would be a way around the check.
export async function assess({ type, email, ip, fraudSignals }) {
  try {
    const response = await post('/api/v1/events/ingest', {
      type,
      email,
      externalUserId: email, // Or your own user id, but then the same one at signup and at login.
      ip,
      device: fraudSignals?.device,
      behavior: fraudSignals?.behavior,
    });
    if (response.ok) {
      const { decision, eventId } = await response.json();
      return { decision, eventId };
    }
    console.error(`fraud check: ${response.status} ${await response.text()}`);
    if (response.status === 400) return { decision: 'INVALID' };
  } catch (error) {
    console.error(`fraud check: ${error.message}`);
  }
  return { decision: WITHOUT_ANSWER };
}

// `outcome` is CHALLENGE_PASSED, CHALLENGE_FAILED, CONFIRMED_FRAUD or FALSE_POSITIVE.
export async function reportOutcome(eventId, outcome) {
  try {
    const response = await post(`/api/v1/events/${encodeURIComponent(eventId)}/outcome`, { outcome });
    if (!response.ok) console.error(`fraud outcome: ${response.status} ${await response.text()}`);
  } catch (error) {
    console.error(`fraud outcome: ${error.message}`);
  }
}

function post(path, body) {
  return fetch(PORTCULLIS_URL + path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'x-api-key': PORTCULLIS_KEY },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
}
