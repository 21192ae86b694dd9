"""Asks Portcullis what to make of a signup or login, and tells it later what became of it."""

import json
import logging
import os
import urllib.error
import urllib.parse
import urllib.request
from http.client import HTTPException

PORTCULLIS_URL = os.environ.get("PORTCULLIS_URL", "http://127.0.0.1:8080")
PORTCULLIS_KEY = os.environ.get("PORTCULLIS_KEY", "")

# Nobody waits longer than this for a signup or login because of the fraud check.
TIMEOUT_S = 1

# What to do when there is no answer in time. ALLOW loses no customer but lets everybody in who can make the check
# fail; BLOCK does the opposite. A code by e-mail costs honest people a minute and stops what has no mailbox.
WITHOUT_ANSWER = "CHALLENGE"


def assess(event_type, email, ip, fraud_signals):
    """Gives a decision and an event id.

    The decision is ALLOW, CHALLENGE or BLOCK, or INVALID when the browser sent something that can not be judged: treat
    that as a faulty request, never as "no answer", or it would be a way around the check.
    """
    signals = fraud_signals if isinstance(fraud_signals, dict) else {}
    try:
        answer = _post("/api/v1/events/ingest", {
            "type": event_type,
            "email": email,
            "externalUserId": email,  # Or your own user id, but then the same one at signup and at login.
            "ip": ip,
            "device": signals.get("device"),
            "behavior": signals.get("behavior"),
        })
        return answer["decision"], answer["eventId"]
    except urllib.error.HTTPError as error:
        logging.error("fraud check: %s %s", error.code, error.read().decode(errors="replace"))
        if error.code == 400:
            return "INVALID", None
    except (OSError, HTTPException, ValueError, KeyError, TypeError) as error:
        logging.error("fraud check: %s", error)
    return WITHOUT_ANSWER, None


def report_outcome(event_id, outcome):
    """`outcome` is CHALLENGE_PASSED, CHALLENGE_FAILED, CONFIRMED_FRAUD or FALSE_POSITIVE."""
    try:
        _post(f"/api/v1/events/{urllib.parse.quote(event_id)}/outcome", {"outcome": outcome})
    except urllib.error.HTTPError as error:
        logging.error("fraud outcome: %s %s", error.code, error.read().decode(errors="replace"))
    except (OSError, HTTPException, ValueError) as error:
        logging.error("fraud outcome: %s", error)


def _post(path, body):
    request = urllib.request.Request(
        PORTCULLIS_URL + path,
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json", "x-api-key": PORTCULLIS_KEY},
    )
    with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:
        return json.load(response)
