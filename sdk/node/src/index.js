// The client of the fraudshield API. docs/sdk-node.md is the page for its users; index.d.ts has every type.

import { fraud, identity } from './calls.js';
import { Transport } from './transport.js';
import { verifyWebhook } from './webhooks.js';

export * from './errors.js';
export { verifyWebhook };

export class TxCloud {
  // `environment` replaces waiting and chance in tests.
  constructor(options, environment) {
    const http = new Transport(options, environment);
    this.fraud = fraud(http);
    this.identity = identity(http);
    this.webhooks = { verify: verifyWebhook };
  }
}
