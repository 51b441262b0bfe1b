"""Our HTTP/1.1: what it writes h11 reads, and what it reads at a glance h11 reads the same."""

from itertools import pairwise

import h11
import httpcore
import pytest
from get3w_core.http.pool.http11 import Exchange
from hypothesis import example, given
from hypothesis import strategies as st

URL = "http://here:8080/api/v3/get3w/paint?a=b"


def request(method="POST", headers=(), extensions=None):
    return httpcore.Request(method, URL, headers=list(headers), extensions=extensions or {})


def written(exchange, *pieces):
    return exchange.head() + b"".join(map(exchange.body, pieces)) + exchange.end()


def read_by_h11(data):
    """Return what a server makes of a request."""
    server = h11.Connection(h11.SERVER)
    server.receive_data(data)
    head, body = server.next_event(), b""
    while isinstance(event := server.next_event(), h11.Data):
        body += event.data
    assert isinstance(event, h11.EndOfMessage)
    assert (b"", False) == server.trailing_data
    return head, body


HOST = (b"Host", b"here:8080")


@given(pieces=st.lists(st.binary(max_size=50), max_size=4), chunked=st.booleans())
def test_requests_are_read_as_they_were_meant(pieces, chunked):
    """Head and body come through, of known length and in chunks."""
    size = sum(map(len, pieces))
    framing = (b"Transfer-Encoding", b"chunked") if chunked else (b"Content-Length", b"%d" % size)
    headers = [HOST, (b"X-Empty", b""), (b"Accept", b"a, b"), framing]
    head, body = read_by_h11(written(Exchange(request(headers=headers)), *pieces))

    assert (b"POST", b"/api/v3/get3w/paint?a=b") == (head.method, head.target)
    assert headers == head.headers.raw_items()
    assert b"".join(pieces) == body


def test_a_request_without_a_body():
    """Nothing is said of a body, and none is sent."""
    head, body = read_by_h11(written(Exchange(request("GET", [HOST]))))

    assert b"GET" == head.method
    assert b"" == body


@pytest.mark.parametrize(
    "header",
    [
        (b"X", b"a\r\nAuthorization: b"),
        (b"X", b"a\nb"),
        (b"X", b"a\0b"),
        (b"X\r\nY", b"a"),
        (b"X Y", b"a"),
        (b"", b"a"),
    ],
)
def test_no_header_is_read_as_two(header):
    """What could be taken for something else is not sent."""
    with pytest.raises(httpcore.LocalProtocolError):
        Exchange(request(headers=[HOST, header])).head()


@pytest.mark.parametrize("method", ["POST /else HTTP/1.1\r\nX:", "PO ST", ""])
def test_no_method_says_more(method):
    """Nor is a method that holds an address."""
    with pytest.raises(httpcore.LocalProtocolError):
        Exchange(request(method, [HOST])).head()


@pytest.mark.parametrize("pieces", [[b"123"], [b"1234", b"56"]])
def test_a_body_of_another_length_is_not_sent_whole(pieces):
    """The server would wait for the rest, or take it for the next request."""
    exchange = Exchange(request(headers=[HOST, (b"Content-Length", b"5")]))
    with pytest.raises(httpcore.LocalProtocolError):
        written(exchange, *pieces)
    assert not exchange.is_clean()


def result(receive, response, piece, is_clean, pieces):
    """Return all that can be told of an answer that comes in *pieces*, then ends."""
    coming = iter([*pieces, b"", b""])
    seen, body = None, b""
    try:
        while (head := response()) is None:
            receive(next(coming))
        seen = (head.status, head.headers, head.extensions)
        while (found := piece()) != b"":
            if found is None:
                receive(next(coming))
            else:
                body += found
    except httpcore.RemoteProtocolError:
        return seen, body, "broken"
    # What is still to come is only seen by whoever looks at the socket.
    return seen, body, is_clean()


class Reference(Exchange):
    """The same without the short cut."""

    def _take_usual(self, data):
        return False


def both(data, cuts, method="POST"):
    """Return what the short cut and h11 alone make of an answer."""
    places = sorted({min(cut, len(data)) for cut in cuts} | {0, len(data)})
    pieces = [data[start:end] for start, end in pairwise(places)]
    for kind in (Exchange, Reference):
        exchange = kind(request(method, [HOST]))
        written(exchange)
        yield result(exchange.receive, exchange.response, exchange.piece, exchange.is_clean, pieces)


LINES = [
    b"HTTP/1.1 200 OK",
    b"HTTP/1.1 200 ",
    b"HTTP/1.1 200",
    b"HTTP/1.1 201 Made\tso",
    b"HTTP/1.1 204 No Content",
    b"HTTP/1.1 304 Not Modified",
    b"HTTP/1.1 503 Service Unavailable",
    b"HTTP/1.1 600 What",
    b"HTTP/1.0 200 OK",
    b"HTTP/1.1 100 Continue",
    b"HTTP/1.1 101 Switching Protocols",
    b"HTTP/2 200 OK",
    b"nonsense",
]
FIELDS = [
    b"Content-Length: 0",
    b"Content-Length: 3",
    b"content-length:\t5 ",
    b"Content-Length: 5, 5",
    b"Content-Length: +5",
    b"Content-Length: -5",
    b"Content-Length: 00005",
    b"Content-Length: 99999999999999999999999",
    b"Content-Length : 5",
    b"Transfer-Encoding: chunked",
    b"Transfer-Encoding: gzip",
    b"Connection: close",
    b"Connection: keep-alive",
    b"Upgrade: h2c",
    b"Date: Mon, 01 Jan 2026 00:00:00 GMT",
    b"X: ",
    b"X:",
    b"X: a",
    b" folded",
    b"X: caf\xc3\xa9",
    b"X: a\x01b",
    b"X: a\x7f",
    b": nameless",
    b"colonless",
]
BODIES = [b"", b"abc", b"abcde", b"abcdefgh", b"3\r\nabc\r\n0\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n"]


@given(
    line=st.sampled_from(LINES) | st.just(LINES[0]),
    fields=st.lists(st.sampled_from(FIELDS) | st.sampled_from(FIELDS[:3]), max_size=4),
    end=st.sampled_from([b"\r\n", b"\r\n", b"\n"]),
    body=st.sampled_from(BODIES),
    cuts=st.lists(st.integers(0, 200), max_size=3),
    method=st.sampled_from(["POST", "POST", "GET", "HEAD", "CONNECT"]),
)
@example(LINES[0], [FIELDS[1]], b"\r\n", b"abc", [], "POST")
@example(LINES[0], [FIELDS[1]], b"\r\n", b"abcde", [], "POST")
@example(LINES[0], [FIELDS[2]], b"\r\n", b"abc", [], "POST")
def test_the_short_cut_reads_what_h11_reads(line, fields, end, body, cuts, method):
    """Status, headers, body, errors, and whether the connection may be kept: all the same."""
    data = end.join([line, *fields, b"", body])
    fast, reference = both(data, cuts, method)

    assert reference == fast


@given(data=st.binary(max_size=200), cuts=st.lists(st.integers(0, 200), max_size=3))
def test_the_short_cut_reads_no_nonsense(data, cuts):
    """Nor does it make sense of what h11 refuses."""
    fast, reference = both(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n" + data, cuts)

    assert reference == fast


def test_the_usual_answer_takes_the_short_cut():
    """Otherwise the comparison above would prove nothing."""
    exchange = Exchange(request(headers=[HOST]))
    written(exchange)
    exchange.receive(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nServer: s\r\n\r\nabc")

    assert exchange._odd is None
    assert [(b"Content-Length", b"3"), (b"Server", b"s")] == exchange.response().headers
    assert not exchange.is_clean()
    assert b"abc" == exchange.piece()
    assert b"" == exchange.piece()
    assert exchange.is_clean()
