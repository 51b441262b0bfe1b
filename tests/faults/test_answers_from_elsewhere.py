"""A refusal, or an error of this package, counts only if it is about the POST that was sent."""

import httpx
import httpx2
import pytest
from get3w_core import (
    Client,
    ClientClosedError,
    ConnectionFailedError,
    RateLimitError,
    SubmitFailed,
    SubmitOutcomeUnknownError,
)

from . import faults as f

LIBRARIES = pytest.mark.parametrize("library", [httpx, httpx2], ids=["httpx", "httpx2"])
REFUSALS = pytest.mark.parametrize("status", [429, 400])


def outcome(http_client, key, url, draw, **options):
    """Submit once, and return the error and the verdict of the event."""
    events = []
    options = {"submit_deadline": 3, "timeout": 5, **options}
    client = Client(key, url, http_client=http_client, on_event=events.append, **options)
    with pytest.raises(Exception) as caught:
        client.submit(draw(prompt="x"))
    [verdict] = [each.verdict for each in events if isinstance(each, SubmitFailed)]
    return caught.value, verdict


def copying(library, status):
    """Return a client that sends copies of a request until one is answered."""

    class Copying(library.Client):
        def send(self, request, **options):
            copy = library.Request(
                request.method, request.url, headers=request.headers, content=request.read()
            )
            try:
                return super().send(copy, **options)
            except library.HTTPError:
                return library.Response(status, request=copy)

    return Copying()


def cached(library, status):
    """Return a client whose transport answers from a cache where the server does not."""

    class Cached(library.HTTPTransport):
        def handle_request(self, request):
            try:
                return super().handle_request(request)
            except library.HTTPError:
                return library.Response(status)

    return library.Client(transport=Cached())


def answering_otherwise(library, status):
    """Return a client whose transport puts its own answer in the place of the server's."""

    class Otherwise(library.HTTPTransport):
        def handle_request(self, request):
            super().handle_request(request).close()
            return library.Response(status)

    return library.Client(transport=Otherwise())


@LIBRARIES
@REFUSALS
@pytest.mark.parametrize("make", [copying, cached])
def test_refusal_that_the_server_did_not_send(make, status, library, line, key, draw):
    """A refusal from a cache, or of a copy, proves nothing about a POST that the server read."""
    here = line(f.CLOSE_BEFORE_SERVER)
    error, verdict = outcome(make(library, status), key, here.url, draw)

    assert (SubmitOutcomeUnknownError, "unknown") == (type(error), verdict), error
    assert 1 == here.posts


@LIBRARIES
@REFUSALS
def test_refusal_in_place_of_an_acceptance(status, library, line, key, draw):
    """A refusal proves nothing if the trace has shown another status of the same answer."""
    here = line()
    error, verdict = outcome(answering_otherwise(library, status), key, here.url, draw)

    assert (SubmitOutcomeUnknownError, "unknown") == (type(error), verdict), error
    assert 1 == here.posts


@LIBRARIES
def test_refusal_over_a_subclass_is_believed(library, line, key, draw):
    """A transport that hands the server's own answer on is as good as the library's."""

    class Counting(library.HTTPTransport):
        def handle_request(self, request):
            return super().handle_request(request)

    here = line(f.answers(429))
    client = Client(key, here.url, http_client=library.Client(transport=Counting()))

    assert [client.submit(draw(prompt="x")).id] == here.ids
    assert 2 == here.posts


def test_request_that_a_patch_sends_twice(line, key, draw, monkeypatch):
    """Also over our own pool, a refusal proves nothing where a tool has sent the request twice."""
    plain = httpx.Client.send

    def again(self, request, **options):
        try:
            return plain(self, request, **options)
        except httpx.HTTPError:
            return plain(self, request, **options)

    monkeypatch.setattr(httpx.Client, "send", again)
    here = line(f.CLOSE_AFTER_SERVER, f.answers(429))
    error, _ = outcome(None, key, here.url, draw)

    assert SubmitOutcomeUnknownError is type(error), error
    assert 2 == here.posts


@LIBRARIES
def test_hook_whose_own_call_of_this_package_fails(library, line, key, draw):
    """Its error says nothing of the submit that was sent, whatever class of ours it is."""
    busy, here = line(*[f.answers(429)] * 3), line()

    def ask(response):
        Client(key, busy.url, max_retries=0).balance()

    hooked = library.Client(event_hooks={"response": [ask]})
    error, verdict = outcome(hooked, key, here.url, draw)

    assert (SubmitOutcomeUnknownError, "unknown") == (type(error), verdict), error
    assert 1 == here.posts
    assert not isinstance(error, RateLimitError)


@LIBRARIES
def test_hook_that_meets_a_closed_client(library, line, key, draw):
    """The words "has been closed" are believed only where httpx says them of this request."""
    here = line()
    closed = library.Client()
    closed.close()

    def ask(response):
        hooked.close()
        closed.get(here.url)

    hooked = library.Client(event_hooks={"response": [ask]})
    error, verdict = outcome(hooked, key, here.url, draw)

    assert (SubmitOutcomeUnknownError, "unknown") == (type(error), verdict), error
    assert 1 == here.posts


@LIBRARIES
def test_closed_client_that_was_passed_in(library, line, key, draw):
    """A client that was closed before sends nothing, and the event says so."""
    here = line()
    closed = library.Client()
    closed.close()
    error, verdict = outcome(closed, key, here.url, draw)

    assert (ClientClosedError, "unsent") == (type(error), verdict), error
    assert 0 == here.posts


@LIBRARIES
@pytest.mark.parametrize("fault", [f.CLOSE_BEFORE_SERVER, f.says(b"no HTTP at all\r\n\r\n")])
def test_proxy_that_hangs_up_on_a_tunnel(fault, library, line, key, draw):
    """What goes wrong while a proxy is asked for a tunnel happens before the request is sent."""
    bad = line(fault)
    inner = library.Client(proxy=bad.url)
    error, verdict = outcome(inner, key, "https://get3w.test", draw, submit_deadline=0)

    assert (ConnectionFailedError, "unsent") == (type(error), verdict), error
