"""The pool: its bookkeeping on a clock of the test's own, then its connections to a server."""

import asyncio
import math
import ssl
import subprocess
import time
from dataclasses import replace
from itertools import pairwise
from shutil import which

import httpx
import pytest
from get3w_core.flow.effects import FilePart, HttpRequest, TransportFailure
from get3w_core.flow.options import ClientOptions
from get3w_core.http.environment import tls_context
from get3w_core.http.pool.bookkeeping import IDLE_SECONDS, Place, PoolBook
from get3w_core.http.sender import SyncSender
from get3w_core.http.sender_aio import AsyncSender

from tests.core.loopback import answer, server_context

HERE = (b"https", b"here", 443)
THERE = (b"https", b"there", 443)


class Here(Place):
    """A place whose request goes HERE, unless another origin is named."""

    def __init__(self, origin=HERE):
        super().__init__(origin)
        self.woken = 0

    def wake(self):
        self.woken += 1


def entered(book, connection=None, origin=HERE):
    """Take a place in *book*, and give it a connection."""
    place = Here(origin)
    assert book.enter(place)
    place.connection = connection
    return place


def put_away(book, connection, now=0.0, origin=HERE):
    """Use *connection* for a request to *origin* that ends at *now*."""
    place = entered(book, connection, origin)
    book.keep(place, now)
    book.leave(place)


def taken(book, now, origin=HERE):
    """Return what a new request gets: its connection, and those to be closed."""
    place = entered(book, origin=origin)
    closing = book.take(place, now)
    return place.connection, closing


def test_the_connection_used_last_is_taken_first():
    """So that the others can grow old, and a crowd's connections do not outlive it."""
    book = PoolBook(10)
    for name in "abc":
        put_away(book, name)

    assert ("c", []) == taken(book, 1.0)
    assert (None, []) == taken(book, 1.0, THERE)
    assert ("b", []) == taken(book, 1.0)
    assert 1 == len(book.idle)


def test_no_connection_is_taken_after_two_idle_seconds():
    """What has been idle for too long is given out to be closed, of whatever origin."""
    book = PoolBook(10)
    for name, origin, since in [("a", HERE, 0.0), ("b", THERE, 0.5), ("c", HERE, 1.0)]:
        put_away(book, name, since, origin)

    assert 2.0 == IDLE_SECONDS
    assert ("c", ["a", "b"]) == taken(book, 2.75)
    assert (None, []) == taken(book, 2.75)


def test_idle_connections_make_room_for_another_origin():
    """The limit counts idle connections too; the longest idle goes."""
    book = PoolBook(2)
    places = [entered(book, name) for name in "ab"]
    for place in places:
        book.keep(place, 0.0)
        book.leave(place)

    assert (None, ["a"]) == taken(book, 0.1, THERE)
    assert (None, ["b"]) == taken(book, 0.1, THERE)
    assert not book.enter(Here())


def test_places_go_to_those_who_wait_in_their_order():
    """A place that becomes free is never up for grabs while somebody waits."""
    book = PoolBook(1)
    places = [Here() for _ in range(4)]
    assert [True, False, False, False] == [book.enter(place) for place in places]

    for before, after in pairwise(places):
        book.leave(before)
        assert {after} == book.used
        assert 1 == after.woken
    book.leave(places[-1])
    assert 0 == len(book.used)


def test_a_place_is_given_back_once():
    """A second return, or the return of a place that was never there, changes nothing."""
    book = PoolBook(2)
    first, second, third, fourth = (Here() for _ in range(4))
    assert [True, True, False] == [book.enter(place) for place in (first, second, third)]
    first.connection = "a"

    book.leave(first)
    book.leave(first)
    book.leave(fourth)
    book.keep(first, 0.0)

    assert {second, third} == book.used
    assert 0 == len(book.idle)
    assert "a" == first.connection
    assert not book.enter(fourth)


def test_who_gives_up_waiting_gets_no_place():
    """It goes to the next one."""
    book = PoolBook(1)
    first, second, third = (Here() for _ in range(3))
    assert [True, False, False] == [book.enter(place) for place in (first, second, third)]
    book.leave(second)
    book.leave(first)

    assert {third} == book.used
    assert 0 == second.woken


def test_closing_gives_everything_out():
    """Idle connections are to be closed, and those who wait to be woken."""
    book = PoolBook(2)
    put_away(book, "a")
    places = [Here() for _ in range(3)]
    assert [True, True, False] == [book.enter(place) for place in places]

    assert (["a"], places[2:]) == book.close()
    assert book.closed
    assert 0 == len(book.idle)


class Sync:
    """The sync transport, with a pool of any size."""

    def __init__(self, server, limit=100, **options):
        self.transport = SyncSender(None)
        self.options = ClientOptions.resolve("sk-0123456789", server.url, **options)
        self.book = self.transport._client._transport._pool._book
        self.book.limit = limit

    def send(self, *requests):
        return [self.transport.send(request, self.options) for request in requests]

    def leave_unread(self, url):
        request = self.transport._client.build_request("GET", url)
        self.transport._client.send(request, stream=True).close()

    def close(self):
        self.transport.close()


class Async:
    """The async transport, in a loop that goes on from call to call."""

    def __init__(self, server, limit=100, **options):
        self.loop = asyncio.new_event_loop()
        self.transport = AsyncSender(None)
        self.options = ClientOptions.resolve("sk-0123456789", server.url, **options)
        self.loop.run_until_complete(self.transport._of_this_loop())
        [(self.client, _, _)] = self.transport._clients.values()
        self.book = self.client._transport._pool._book
        self.book.limit = limit

    def send(self, *requests):
        async def main():
            return [await self.transport.send(request, self.options) for request in requests]

        return self.loop.run_until_complete(main())

    def leave_unread(self, url):
        async def main():
            request = self.client.build_request("GET", url)
            response = await self.client.send(request, stream=True)
            await response.aclose()

        self.loop.run_until_complete(main())

    def close(self):
        if not self.loop.is_closed():
            self.loop.run_until_complete(self.transport.aclose())
            self.loop.close()


@pytest.fixture(params=[Sync, Async], ids=["sync", "async"])
def sender(request):
    """Make a transport of each kind, which is closed after the test."""
    made = []

    def make(server, **options):
        made.append(request.param(server, **options))
        return made[-1]

    yield make
    for each in made:
        each.close()
        assert 0 == len(each.book.used)


def post(server, body=b"{}", **fields):
    return HttpRequest("POST", f"{server.url}/submit", body=body, **fields)


def test_requests_in_turn_share_a_connection(sender, serve):
    """One connection does for all, and closing closes it."""
    server = serve()
    one = sender(server)
    outcomes = one.send(*[post(server)] * 5)
    assert 1 == server.open
    one.close()
    server.wait_for_ends(1)

    assert [200] * 5 == [outcome.status for outcome in outcomes]
    assert 1 == server.opened
    assert ["POST /submit"] * 5 == server.requests


def test_head_and_body_travel_in_one_piece(sender, serve):
    """A small request is one packet."""
    server = serve()
    body = b'{"prompt":"a lighthouse"}'
    sender(server).send(post(server, body), post(server, body))

    assert all(piece.endswith(b"\r\n\r\n" + body) for piece in server.pieces)


def test_bodies_of_any_size(sender, serve, tmp_path):
    """More than sockets buffer goes out, and comes in, whole."""
    big = bytes(range(256)) * 20_000
    server = serve(answer(big))
    path = tmp_path / "big"
    path.write_bytes(big)
    with path.open("rb") as file:
        part = FilePart("file", "big", "application/octet-stream", file)
        [first, second] = sender(server).send(
            HttpRequest("POST", f"{server.url}/files", part=part), post(server, big)
        )

    assert big == first.body == second.body
    assert 1 == server.opened


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
            id="chunked",
        ),
        pytest.param(b"HTTP/1.1 100 Continue\r\n\r\n" + answer(b"{}"), id="informational"),
        pytest.param(
            answer(
                bytes.fromhex("1f8b0800000000000003abae050043bfa6a302000000"),
                b"Content-Encoding: gzip\r\n",
            ),
            id="gzip",
        ),
    ],
)
def test_answers_of_every_form(sender, serve, reply):
    """However a server puts it, the body is read, and the connection is kept."""
    server = serve(reply)
    outcomes = sender(server).send(post(server), post(server))

    assert [b"{}", b"{}"] == [outcome.body for outcome in outcomes]
    assert 1 == server.opened


def hang_up(*data):
    def reply(connection):
        for piece in data:
            connection.sendall(piece)
        return False

    return reply


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(answer(head=b"Connection: close\r\n"), id="connection-close"),
        pytest.param(hang_up(b"HTTP/1.1 200 OK\r\n\r\n{}"), id="ends-with-the-body"),
        pytest.param(hang_up(answer()), id="closes-while-idle"),
    ],
)
def test_a_connection_that_the_server_ends_is_not_used_again(sender, serve, reply):
    """Its end is seen before the next request is written, so nothing is lost."""
    server = serve(reply, answer())
    one = sender(server)
    [first] = one.send(post(server))
    server.wait_for_ends(1)
    [second] = one.send(post(server))

    assert [200, 200] == [first.status, second.status]
    assert 2 == server.opened


def test_an_answer_that_was_not_asked_for_is_not_taken(sender, serve):
    """What comes after the answer would be read as the next one's."""
    server = serve(answer(b"{}") + answer(b'{"whose":"nobody\'s"}'))
    outcomes = sender(server).send(post(server), post(server))

    assert [b"{}", b"{}"] == [outcome.body for outcome in outcomes]
    assert 2 == server.opened


def test_an_answer_left_unread_ends_its_connection(sender, serve):
    """Nobody knows where the next answer would begin."""
    server = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nbegins", answer())
    one = sender(server)
    one.leave_unread(server.url)
    server.wait_for_ends(1)
    [outcome] = one.send(post(server))

    assert 200 == outcome.status
    assert 2 == server.opened


def test_a_broken_answer_ends_its_connection(sender, serve):
    """The place is free again after every kind of failure."""
    server = serve(b"nonsense\r\n\r\n", hang_up(), answer())
    one = sender(server, limit=1)
    first, second, third = one.send(*[post(server)] * 3)

    assert ["unknown", "unknown"] == [first.kind, second.kind]
    assert 200 == third.status
    assert 3 == server.opened


def test_timeouts_keep_their_meaning(sender, serve):
    """No answer in time is an unknown outcome; no connection is none at all."""
    server = serve()
    server.gate.clear()
    one = sender(server, limit=1)
    [silent] = one.send(post(server, timeout=httpx.Timeout(5, read=0.05)))
    server.close()
    [nobody] = one.send(post(server))

    assert ("unknown", "ReadTimeout") == (silent.kind, silent.text.partition(":")[0])
    assert ("unsent", "ConnectError") == (nobody.kind, nobody.text.partition(":")[0])


def flood(connection):
    """Send informational answers until nobody takes them."""
    for _ in range(2_000):
        connection.sendall(b"HTTP/1.1 102 Processing\r\n\r\n" * 200)
    return False


def test_a_flood_of_informational_answers_is_given_up(sender, serve):
    """A server that sends them faster than they are read has no more time than any other."""
    server = serve(flood)
    started = time.monotonic()
    [outcome] = sender(server).send(post(server, timeout=0.3))

    assert ("unknown", "ReadTimeout") == (outcome.kind, outcome.text.partition(":")[0])
    assert 2 > time.monotonic() - started


@pytest.mark.parametrize("seconds", [math.inf, 1e12, httpx.Timeout(math.inf)], ids=repr)
def test_a_timeout_without_end(sender, serve, seconds):
    """A timeout that is longer than a socket can wait is none."""
    server = serve()
    request = replace(post(server), timeout=seconds, connect_within=math.inf)

    assert [200] == [outcome.status for outcome in sender(server).send(request)]


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a" * 70 + ".example", "127.0.0.1:1"])
def test_a_name_that_leads_nowhere_is_unsent(sender, serve, host):
    """Whatever the resolver says, also to a label that is too long."""
    [outcome] = sender(serve()).send(HttpRequest("POST", f"http://{host}/", body=b"{}"))

    assert isinstance(outcome, TransportFailure)
    assert "unsent" == outcome.kind


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """A certificate for 127.0.0.1 that nobody has signed but itself."""
    folder = tmp_path_factory.mktemp("tls")
    certificate, private_key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        [
            *"openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=loopback".split(),
            *(
                "-addext",
                "subjectAltName=IP:127.0.0.1",
                "-keyout",
                private_key,
                "-out",
                certificate,
            ),
        ],
        check=True,
        capture_output=True,
    )
    return certificate, private_key


@pytest.mark.skipif(which("openssl") is None, reason="no openssl here")
def test_tls(sender, serve, certificate, monkeypatch):
    """Over TLS a connection is kept as well, and an unknown certificate is refused unsent."""
    server = serve(tls=server_context(*certificate))
    [refused] = sender(server).send(post(server))
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    big = b"x" * 300_000
    outcomes = sender(server).send(post(server), post(server, big))

    assert "unsent" == refused.kind
    assert "CERTIFICATE_VERIFY_FAILED" in refused.text
    assert [200, 200] == [outcome.status for outcome in outcomes]
    assert 2 == server.opened


@pytest.mark.parametrize("status", [b"429 Slow", b"503 Busy", b"400 No", b"404 None"])
def test_connection_that_refused_is_not_used_again(sender, serve, status):
    """A server that refuses often hangs up, and the next request must not meet that."""
    refusal = answer().replace(b"200 OK", status)
    server = serve(refusal, answer(), answer())
    outcomes = sender(server).send(post(server), post(server), post(server))

    assert [int(status[:3]), 200, 200] == [outcome.status for outcome in outcomes]
    assert 2 == server.opened


def test_tls_to_a_server_without(sender, serve):
    """A handshake that fails has sent nothing."""
    server = serve(answer())
    url = server.url.replace("http:", "https:")
    [outcome] = sender(server).send(HttpRequest("POST", url, body=b"{}"))

    assert "unsent" == outcome.kind


def test_tls_settings_are_made_once(monkeypatch):
    """All clients and event loops share what takes long to load, until the environment changes."""
    first, second = tls_context(), tls_context()
    monkeypatch.setenv("SSL_CERT_DIR", "/")

    assert isinstance(first, ssl.SSLContext)
    assert first is second
    assert first is not tls_context()
