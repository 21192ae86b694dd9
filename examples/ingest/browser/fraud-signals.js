// Collects the `device` and `behavior` objects of a signup or login form, for your own backend.
// It talks to no server: the form hands what it collects to your backend together with the form's fields.

const SAMPLE_EVERY_MS = 50;
const MAX_POINTS = 300;
const FINGERPRINT_WAIT_MS = 1000;

// Call this when the form is shown. Call what it returns when the form is sent.
export function collectFraudSignals(form) {
  const formStartedAt = Date.now();
  const fingerprint = visitorId(); // Begun now, so that it is there when the form is sent.
  const mousePath = [];
  let keystrokeCount = 0;
  let sampledAt = -Infinity;

  form.addEventListener('mousemove', (event) => {
    const now = performance.now();
    if (now - sampledAt < SAMPLE_EVERY_MS || mousePath.length >= MAX_POINTS) return;
    sampledAt = now;
    mousePath.push({ x: event.clientX, y: event.clientY, t: Math.round(now) });
  });
  form.addEventListener('keydown', () => keystrokeCount++);

  return async () => {
    const behavior = { formStartedAt, formSubmittedAt: Date.now(), mousePath, keystrokeCount };
    return { device: describeDevice(await atMost(FINGERPRINT_WAIT_MS, fingerprint)), behavior };
  };
}

function describeDevice(clientFingerprint) {
  return {
    userAgent: navigator.userAgent,
    screen: { width: screen.width, height: screen.height, pixelRatio: devicePixelRatio },
    timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    language: navigator.language,
    ...describeGraphics(),
    hardwareConcurrency: navigator.hardwareConcurrency,
    deviceMemory: navigator.deviceMemory, // Not in every browser: JSON leaves out what is undefined.
    platform: navigator.platform,
    clientFingerprint,
  };
}

function describeGraphics() {
  const canvas = document.createElement('canvas');
  const gl = canvas.getContext('webgl') || canvas.getContext('experimental-webgl');
  const names = gl?.getExtension('WEBGL_debug_renderer_info');
  if (!names) return {};
  return {
    webglVendor: gl.getParameter(names.UNMASKED_VENDOR_WEBGL),
    webglRenderer: gl.getParameter(names.UNMASKED_RENDERER_WEBGL),
  };
}

// FingerprintJS 5, served by your own site, with its statistics call to its makers switched off. Where it is blocked the
// form is sent without a fingerprint.
async function visitorId() {
  try {
    const agent = await FingerprintJS.load({ monitoring: false });
    return (await agent.get()).visitorId;
  } catch {
    return undefined;
  }
}

// Nobody waits longer than this for a slow fingerprint.
function atMost(ms, promise) {
  return Promise.race([promise, new Promise((resolve) => setTimeout(resolve, ms))]);
}
