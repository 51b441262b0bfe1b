"""A page of another web site, in a real browser, tries to drive a running emulator."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

ATTACK = """
const target = TARGET;
const results = {};
async function attempt(name, path, options) {
  try {
    const answer = await fetch(target + path, options);
    results[name] = answer.type === "opaque" ? "opaque" : await answer.text();
  } catch (error) {
    results[name] = "refused";
  }
}
const clock = '{"advance": 1000}';
const model = "/api/v3/get3w/flux-dev";
const blob = new Blob([JSON.stringify([{ fault: "drop_before_accept" }])]);
const blind = (body) => ({ method: "POST", mode: "no-cors", body });
const text = { method: "POST", mode: "no-cors", headers: { "Content-Type": "text/plain" } };
const rules = JSON.stringify([{ fault: "drop_before_accept" }]);
async function all() {
  await attempt("read the key", "/_emulator/models");
  await attempt("read the ledger", "/_emulator/ledger");
  await attempt("read blindly", "/_emulator/models", { mode: "no-cors" });
  await attempt("post rules", "/_emulator/faults", { ...text, body: rules });
  await attempt("post untyped rules", "/_emulator/faults", blind(blob));
  await attempt("move the clock", "/_emulator/clock", { ...text, body: clock });
  await attempt("reset", "/_emulator/reset", blind());
  await attempt("submit", model, { ...text, body: '{"prompt": "x"}' });
  const form = document.createElement("form");
  form.method = "POST";
  form.enctype = "text/plain";
  form.action = target + "/_emulator/faults";
  form.target = "sink";
  const input = document.createElement("input");
  input.name = rules.slice(0, -1) + "//";
  form.append(input);
  document.body.append(form);
  form.submit();
  const frame = document.createElement("iframe");
  frame.src = target + "/";
  document.body.append(frame);
  await new Promise((done) => { frame.onload = done; });
  window.results = results;
}
all();
"""


@pytest.fixture
def foreign_site(emulator):
    """A web site of somebody else, on a port of its own."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            script = ATTACK.replace("TARGET", json.dumps(emulator.url))
            page = f"<!doctype html><iframe name=sink></iframe><script>{script}</script>".encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *arguments):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "attacker.localhost"])
def test_page_of_another_site_gets_nothing(browser, emulator, http, foreign_site, name):
    """It reads neither key nor ledger, and changes no rule, clock or submission."""
    emulator.reset()
    before = emulator.now()
    context = browser.new_context()
    try:
        page = context.new_page()
        page.goto(f"http://{name}:{foreign_site}/")
        page.wait_for_function("window.results")
        results = page.evaluate("window.results")
    finally:
        context.close()

    assert {"refused", "opaque"} >= set(results.values())
    assert "refused" == results["read the key"] == results["read the ledger"]
    assert {"rules": []} == http.get("/_emulator/faults").json()
    assert [] == emulator.ledger()
    assert emulator.now() - before < 900
