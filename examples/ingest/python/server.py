"""The sample shop's backend: serves the pages of ../browser and asks Portcullis before it creates an account or logs
somebody in. Python 3.9 or newer, nothing to install.
"""

import hashlib
import hmac
import json
import os
import re
import secrets
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from fraud import assess, report_outcome

PORT = int(os.environ.get("PORT", "3000"))
# Set this only behind a proxy of your own that adds the visitor's address to X-Forwarded-For.
BEHIND_PROXY = os.environ.get("BEHIND_PROXY") == "1"

LARGEST_BODY_BYTES = 64 * 1024
CODE_VALID_S = 10 * 60
CODE_TRIES = 5

# The same words whatever the reason: nobody may learn from them which rule fired.
BLOCKED = "We can not do this right now. Please contact support."
INVALID = "Please check what you entered."
TAKEN = "There is an account with this e-mail address already."
WRONG_LOGIN = "The e-mail address or the password is wrong."
WRONG_CODE = "The code is wrong or too old."

lock = threading.Lock()  # of both:
users = {}  # email: password hash; a real shop has a database.
held = {}  # event id: what waits for its code

BROWSER = Path(__file__).resolve().parent.parent / "browser"
FINGERPRINTJS = BROWSER / "node_modules/@fingerprintjs/fingerprintjs/dist/fp.umd.min.js"
SDK = BROWSER / "../../../sdk/browser/dist/form.js"
FILES = {
    "/signup.html": (BROWSER / "signup.html", "text/html; charset=utf-8"),
    "/login.html": (BROWSER / "login.html", "text/html; charset=utf-8"),
    "/sdk-signup.html": (BROWSER / "sdk-signup.html", "text/html; charset=utf-8"),
    "/sdk-login.html": (BROWSER / "sdk-login.html", "text/html; charset=utf-8"),
    "/style.css": (BROWSER / "style.css", "text/css"),
    "/favicon.svg": (BROWSER / "favicon.svg", "image/svg+xml"),
    "/shop.js": (BROWSER / "shop.js", "text/javascript"),
    "/with-snippet.js": (BROWSER / "with-snippet.js", "text/javascript"),
    "/with-sdk.js": (BROWSER / "with-sdk.js", "text/javascript"),
    "/form.js": (Path(os.environ.get("SDK", SDK)), "text/javascript"),
    "/fraud-signals.js": (BROWSER / "fraud-signals.js", "text/javascript"),
    "/fp.umd.min.js": (Path(os.environ.get("FINGERPRINTJS", FINGERPRINTJS)), "text/javascript"),
}
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


def signup(body, ip):
    email, password = body.get("email"), body.get("password")
    if not is_email(email) or not isinstance(password, str) or len(password) < 8:
        return 400, {"error": INVALID}
    decision, event_id = assess("SIGNUP", email, ip, body.get("fraudSignals"))

    def create_user():
        password_hash = hashed(password, secrets.token_bytes(16))
        with lock:
            if email in users:
                return 409, {"error": TAKEN}
            users[email] = password_hash
        return 200, {"user": {"email": email}, "eventId": event_id}

    return act(decision, event_id, email, create_user)


def login(body, ip):
    email, password = body.get("email"), body.get("password")
    if not is_email(email) or not isinstance(password, str):
        return 400, {"error": INVALID}
    # Before the password is looked at: who tries many accounts is known by the failures.
    decision, event_id = assess("LOGIN", email, ip, body.get("fraudSignals"))
    if decision != "BLOCK" and not matches(password, users.get(email)):
        return 401, {"error": WRONG_LOGIN}
    return act(decision, event_id, email, lambda: (200, {"user": {"email": email}, "eventId": event_id}))


def act(decision, event_id, email, proceed):
    """Does what the decision says; `proceed` creates the account or starts the session."""
    if decision == "ALLOW":
        return proceed()
    if decision == "CHALLENGE":
        held_id = event_id or str(uuid.uuid4())
        code = f"{secrets.randbelow(1_000_000):06}"
        with lock:
            forget_old_codes()
            held[held_id] = {
                "code": code,
                "proceed": proceed,
                "event_id": event_id,
                "tries_left": CODE_TRIES,
                "valid_until": time.monotonic() + CODE_VALID_S,
            }
        send_mail(email, f"Your code is {code}.")
        return 200, {"challenge": "email_verification", "eventId": held_id}
    if decision == "INVALID":
        return 400, {"error": INVALID}
    print(f"refused {event_id}", flush=True)  # Support looks it up when an honest person complains.
    return 403, {"error": BLOCKED}


def verify(body, _ip):
    held_id, code = str(body.get("eventId")), body.get("code")
    with lock:
        forget_old_codes()
        waiting = held.get(held_id)
        if not waiting:
            return 403, {"error": WRONG_CODE}
        waiting["tries_left"] -= 1
        is_right = code == waiting["code"]
        if not is_right and waiting["tries_left"] > 0:
            return 403, {"error": WRONG_CODE}
        del held[held_id]
    if waiting["event_id"]:
        report_outcome(waiting["event_id"], "CHALLENGE_PASSED" if is_right else "CHALLENGE_FAILED")
    return waiting["proceed"]() if is_right else (403, {"error": WRONG_CODE})


def forget_old_codes():
    now = time.monotonic()
    for held_id in [held_id for held_id, waiting in held.items() if waiting["valid_until"] < now]:
        del held[held_id]


def is_email(text):
    return isinstance(text, str) and re.fullmatch(r"[^@\s]+@[^@\s]+", text) is not None


def hashed(password, salt):
    return salt, hashlib.scrypt(password.encode(errors="surrogatepass"), salt=salt, n=16384, r=8, p=1, dklen=32)


def matches(password, password_hash):
    """Takes as long for an unknown address as for a known one."""
    salt, key = password_hash or (bytes(16), bytes(32))
    return hmac.compare_digest(hashed(password, salt)[1], key)


def send_mail(email, text):
    print(f"mail to {email}: {text}", flush=True)  # A real shop sends it.


ACTIONS = {"/api/signup": signup, "/api/login": login, "/api/verify": verify}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path = self.path.partition("?")[0]
        if path in FILES:
            file, content_type = FILES[path]
            self.answer(200, file.read_bytes(), {"Content-Type": content_type})
        elif path == "/":
            self.answer(302, b"", {"Location": "/signup.html"})
        else:
            self.answer(404, b"")

    def do_POST(self):
        action = ACTIONS.get(self.path.partition("?")[0])
        if not action:
            self.close_connection = True  # The body is not read.
            return self.answer(404, b"")
        body = self.read_json()
        status, answer = action(body, self.visitor_address()) if body is not None else (400, {"error": INVALID})
        self.answer(status, json.dumps(answer).encode(), {"Content-Type": "application/json"})

    def read_json(self):
        length = self.headers.get("Content-Length", "")
        is_json = self.headers.get("Content-Type", "").startswith("application/json")
        if not is_json or not length.isdigit() or int(length) > LARGEST_BODY_BYTES:
            self.close_connection = True  # The body is not read.
            return None
        try:
            body = json.loads(self.rfile.read(int(length)))
        except ValueError:
            return None
        return body if isinstance(body, dict) else None

    def visitor_address(self):
        # The right-most entry is the one that the own proxy wrote; everything left of it is the visitor's own word.
        forwarded = self.headers.get("X-Forwarded-For", "").split(",")[-1].strip() if BEHIND_PROXY else ""
        return forwarded or self.client_address[0]

    def answer(self, status, body, headers=None):
        self.send_response(status)
        for name, value in {**HEADERS, **(headers or {}), "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", PORT), Handler)
    print(f"shop on http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
