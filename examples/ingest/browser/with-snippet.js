// The page with the script that the guide shows.

import { collectFraudSignals } from './fraud-signals.js';
import { run } from './shop.js';

run(collectFraudSignals);
