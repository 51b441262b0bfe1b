"""Webhooks, delivered to a real receiver on this machine."""

import hmac
import json
import threading
import time
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from get3w_emulator import ManualClock, running
from get3w_emulator.state.webhooks import signed_headers

AUTH = {"Authorization": "Bearer test-key"}
FLUX = "/api/v3/get3w/flux-dev"
SECRET = "whsec_testsecret"


class Receiver:
    """A server that answers with the statuses it was given, then 204."""

    def __init__(self):
        self.statuses = []
        self.calls = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.calls.append((dict(self.headers), body))
                self.send_response(receiver.statuses.pop(0) if receiver.statuses else 204)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *arguments):
                pass

        class Server(ThreadingHTTPServer):
            request_queue_size = 128

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def receiver():
    receiver = Receiver()
    yield receiver
    receiver.close()


@contextmanager
def world(**settings):
    with (
        running(clock=ManualClock(), image_seconds=1, **settings) as emulator,
        httpx.Client(base_url=emulator.url, headers=AUTH) as http,
    ):
        yield emulator, http


def eventually(holds):
    """Wait until something holds, and return it."""
    deadline = time.monotonic() + 10
    while not (value := holds()):
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.005)
    return value


def attempts(emulator, count):
    return eventually(lambda: len(log := emulator.deliveries()) >= count and log)


@pytest.mark.parametrize("surface", ["body on v3", "query on v3", "query on v1", "body on v1"])
def test_end_is_told_once(receiver, surface):
    """The bare prediction is posted when it ends, not before, on either surface."""
    with world() as (emulator, http):
        place, _, version = surface.partition(" on ")
        path = f"/v1{FLUX[7:]}" if version == "v1" else FLUX
        body = {"prompt": "x"} | ({"webhook_url": receiver.url} if place == "body" else {})
        params = {"webhook": receiver.url} if place == "query" else {}
        answer = http.post(path, json=body, params=params).json()
        shown = answer if version == "v1" else answer["data"]
        emulator.advance(0.99)
        http.get("/api/v3/balance")
        assert [] == receiver.calls

        emulator.advance(0.01)
        (attempt,) = attempts(emulator, 1)
        ((headers, payload),) = receiver.calls
        result = "/v1/requests/" if version == "v1" else "/api/v3/predictions/"

        told = http.get(f"{result}{shown['id']}").json()
        assert told.get("data", told) == json.loads(payload)
        assert "application/json" == headers["content-type"]
        assert "webhook-signature" not in headers
        assert (shown["id"], receiver.url, 1, 204, None, True) == (
            *(attempt.prediction_id, attempt.url, attempt.attempt),
            *(attempt.status, attempt.error, attempt.last),
        )
        assert headers["webhook-id"] == attempt.webhook_id
        assert {"deliveries": [attempt.to_json()]} == http.get("/_emulator/webhooks").json()


def test_failure_is_told(receiver):
    """A prediction that fails tells so, with its error."""
    with world() as (emulator, http):
        http.post(FLUX, json={"prompt": "[[fail]]", "webhook_url": receiver.url})
        emulator.advance(1)
        attempts(emulator, 1)

        told = json.loads(receiver.calls[0][1])
        assert ("failed", 1403, []) == (told["status"], told["code"], told["outputs"])


def test_attempts_follow_their_delays_until_one_is_taken(receiver):
    """Each is one call with the same id and body; after a 2xx there is no other."""
    receiver.statuses = [500, 302]
    with world(webhook_delays=(0, 2, 3, 4)) as (emulator, http):
        http.post(FLUX, json={"prompt": "x", "webhook_url": receiver.url})
        for seconds, count in ((1, 1), (2, 2), (3, 3)):
            emulator.advance(seconds - 0.001)
            assert count - 1 == len(receiver.calls)
            emulator.advance(0.001)
            attempts(emulator, count)
        emulator.advance(1000)
        http.get("/api/v3/balance")

        log = emulator.deliveries()
        assert [(1, 500, False), (2, 302, False), (3, 204, True)] == [
            (each.attempt, each.status, each.last) for each in log
        ]
        assert 3 == len(receiver.calls)
        assert 1 == len({(headers["webhook-id"], body) for headers, body in receiver.calls})


def test_receiver_that_is_not_there_is_given_up():
    """The log says why, and the last attempt is marked."""
    with world(webhook_delays=(0, 0)) as (emulator, http):
        http.post(FLUX, json={"prompt": "x", "webhook_url": "http://127.0.0.1:9/"})
        http.post(FLUX, json={"prompt": "x", "webhook_url": "no address"})
        emulator.advance(1)

        log = attempts(emulator, 4)
        assert {None} == {each.status for each in log}
        assert all(each.error for each in log)
        assert [False, True] * 2 == [each.last for each in sorted(log, key=lambda each: each.url)]


def test_body_of_the_answer_is_not_read():
    """A receiver whose answer never ends has taken the webhook all the same, and costs nothing."""
    sent, over = [], threading.Event()

    class Endless(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(200)
            self.end_headers()
            try:
                while not over.is_set():
                    sent.append(self.wfile.write(b"x" * 65536))
            except OSError:
                over.set()

        def log_message(self, *arguments):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Endless) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            with world() as (emulator, http):
                url = f"http://127.0.0.1:{server.server_port}/hook"
                http.post(FLUX, json={"prompt": "fox", "webhook_url": url})
                emulator.advance(1)
                (attempt,) = attempts(emulator, 1)
                assert (200, True) == (attempt.status, attempt.last)
                assert over.wait(10)
        finally:
            over.set()
            server.shutdown()
            thread.join()
    assert sum(sent) < 64 * 1024 * 1024


def test_deleted_prediction_and_reset_tell_nothing(receiver):
    """Neither what was deleted nor what was forgotten is delivered."""
    with world() as (emulator, http):
        body = {"prompt": "x", "webhook_url": receiver.url}
        deleted = http.post(FLUX, json=body).json()["data"]["id"]
        http.delete(f"/api/v3/predictions/{deleted}")
        emulator.advance(1)
        http.post(FLUX, json=body)
        emulator.reset()
        emulator.advance(1)
        last = http.post(FLUX, json=body).json()["data"]["id"]
        emulator.advance(1)

        assert [last] == [each.prediction_id for each in attempts(emulator, 1)]
        assert 1 == len(receiver.calls)


def test_signature_is_the_one_of_wavespeed(receiver):
    """It covers id, time and raw body, with the secret's text as the key, by the real time."""
    with world(webhook_secret=SECRET) as (emulator, http):
        http.post(FLUX, json={"prompt": "é", "webhook_url": receiver.url})
        emulator.advance(1)
        attempts(emulator, 1)

        headers, body = receiver.calls[0]
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        expected = hmac.new(b"testsecret", signed, sha256).hexdigest()
        assert f"v3,{expected}" == headers["webhook-signature"]
        assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60


def test_without_a_secret_nothing_is_signed():
    """The id and the time are there all the same."""
    assert ["content-type", "webhook-id", "webhook-timestamp"] == [*signed_headers("a", b"", None)]


def test_many_are_told_once_each(receiver):
    """A hundred at one moment: none is lost, none comes twice."""
    with world() as (emulator, http):
        for number in range(100):
            http.post(FLUX, json={"prompt": str(number), "webhook_url": receiver.url})
        emulator.advance(1)
        log = attempts(emulator, 100)

        assert {(204, None)} == {(each.status, each.error) for each in log}
        told = [json.loads(body)["input"]["prompt"] for _, body in receiver.calls]
        assert sorted(map(str, range(100))) == sorted(told)
