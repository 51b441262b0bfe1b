"""A callback address carries its own proof, and says nothing about the secret."""

from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from get3w_core import (
    ConfigurationError,
    WebhookVerificationError,
    callback_url,
    check_callback,
)
from hypothesis import assume, given, settings
from hypothesis import strategies as st

few = settings(max_examples=100, deadline=None, database=None)

SECRET = "a secret of the receiver alone"
BASE = "https://app.example/hooks"
NOW = 1_700_000_000.0
DAY = 86_400.0


def query_of(url):
    return urlsplit(url).query


@pytest.mark.parametrize("reference", [None, "", "order-7", "a b&c=d?e#f/g", "Zoë ✓", "x" * 500])
def test_there_and_back(reference):
    """The reference comes back from the address and from its query."""
    url = callback_url(BASE, secret=SECRET, reference=reference)

    assert reference == check_callback(url, secret=SECRET)
    assert reference == check_callback(query_of(url), secret=SECRET)
    assert reference == check_callback("?" + query_of(url), secret=SECRET)
    assert reference == check_callback("/hooks?" + query_of(url), secret=SECRET)


def test_shape_of_an_address():
    """The address is the given one, with one more parameter that needs no encoding."""
    url = callback_url(BASE, secret=SECRET, reference="order-7")
    [(name, token)] = parse_qsl(query_of(url))

    assert f"{BASE}?get3w_token={token}" == url
    assert "get3w_token" == name
    assert 64 == token.index(".")
    assert str(httpx.URL(url)) == url


def test_addresses_outlive_an_update():
    """An address that this format's first version made is good: addresses are out there."""
    token = (
        "c964a2541e274b2666c0ec77225ed4d4a69eea06c99d341c9bf61b6821eb34d0"
        ".6553f100.AAAAAAAAAAAAAAAAAAAAAA.b3JkZXItNw"
    )

    assert "order-7" == check_callback(f"get3w_token={token}", secret=SECRET, now=NOW)


def test_no_two_addresses_are_alike():
    """Each address has a token of its own, also for one reference."""
    urls = {callback_url(BASE, secret=SECRET, reference="r", now=NOW) for _ in range(100)}

    assert 100 == len(urls)


@pytest.mark.parametrize(
    ("base", "start"),
    [
        ("https://app.example", "https://app.example?get3w_token="),
        ("https://app.example/", "https://app.example/?get3w_token="),
        (f"{BASE}?", f"{BASE}?get3w_token="),
        (f"{BASE}?a=1", f"{BASE}?a=1&get3w_token="),
        (f"{BASE}?a=1&", f"{BASE}?a=1&get3w_token="),
        (f"{BASE}?a=%20&a=/x?y&b", f"{BASE}?a=%20&a=/x?y&b&get3w_token="),
        (f"{BASE}/a=b?c", f"{BASE}/a=b?c&get3w_token="),
        ("HTTPS://APP.example:8443/h", "HTTPS://APP.example:8443/h?get3w_token="),
    ],
)
def test_an_address_keeps_its_query(base, start):
    """What the address had stays as it was, and does not disturb the check."""
    url = callback_url(base, secret=SECRET, reference="r")

    assert url.startswith(start)
    assert "r" == check_callback(url, secret=SECRET)
    assert "r" == check_callback(url.partition("?")[2], secret=SECRET)
    assert "r" == check_callback(url + "&next=https://x.test/?a=b", secret=SECRET)
    assert "r" == check_callback(url.partition("?")[2] + "&next=/x?a", secret=SECRET)
    assert "r" == check_callback(query_of(url) + "&next=https://x.test/?a", secret=SECRET)


@pytest.mark.parametrize(
    "base",
    [
        "http://127.0.0.1:8000/hooks",
        "http://127.1.2.3/hooks",
        "http://localhost/hooks",
        "http://[::1]:8000/hooks",
    ],
)
def test_http_is_for_this_machine(base):
    """Without TLS the token would be read on the way, except on this machine."""
    assert "r" == check_callback(callback_url(base, secret=SECRET, reference="r"), secret=SECRET)


@pytest.mark.parametrize(
    ("base", "problem"),
    [
        ("http://app.example/hooks", "https"),
        ("http://10.0.0.1/hooks", "https"),
        ("http://localhost.example/hooks", "https"),
        ("http://127.0.0.1.example/hooks", "https"),
        ("http://0.0.0.0/hooks", "https"),
        (f"{BASE}#part", "fragment"),
        (f"{BASE}#", "fragment"),
        (f"{BASE}?get3w_token=x", "already"),
        (f"{BASE}?a&get3w_token", "already"),
        ("https://user:hidden@app.example/hooks", "plain address"),
        ("app.example/hooks", "plain address"),
        ("ftp://app.example/hooks", "plain address"),
        ("https:///hooks", "plain address"),
        ("https://app.example/a b", "plain address"),
        ("https://app.example/\n", "plain address"),
        ("https://app.example/é", "plain address"),
        ("https:\\\\app.example", "plain address"),
        ("", "plain address"),
    ],
)
def test_other_addresses_are_refused(base, problem):
    """An address that is not plain https is refused, without showing credentials in it."""
    with pytest.raises(ConfigurationError, match=problem) as caught:
        callback_url(base, secret=SECRET)

    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize("reference", ["x" * 501, "é" * 251, "\ud800"])
def test_references_that_do_not_fit(reference):
    """A reference has to fit into an address."""
    with pytest.raises(ConfigurationError, match="reference"):
        callback_url(BASE, secret=SECRET, reference=reference)


@pytest.mark.parametrize("secret", ["", "short", "x" * 15])
def test_short_secrets_are_refused(secret):
    """A secret that could be guessed from one address is refused, and not shown."""
    url = callback_url(BASE, secret=SECRET)
    for call in (
        lambda: callback_url(BASE, secret=secret),
        lambda: check_callback(url, secret=secret),
    ):
        with pytest.raises(ConfigurationError, match="at least 16 characters") as caught:
            call()
        assert "short" not in str(caught.value)


def refused(url, match=None, **options):
    with pytest.raises(WebhookVerificationError, match=match) as caught:
        check_callback(url, **{"secret": SECRET, **options})
    message = str(caught.value)
    assert SECRET not in message
    assert "http" not in message  # nor anything else of the address
    return message


def test_another_secret():
    """An address that was made with another secret is refused."""
    refused(callback_url(BASE, secret="another secret entirely"), "not one of ours")


@pytest.mark.parametrize("secret", ["\ud800" * 16, "é" * 16, "\x00" * 16])
def test_any_long_secret_works(secret):
    """A secret may hold any characters."""
    assert "r" == check_callback(callback_url(BASE, secret=secret, reference="r"), secret=secret)


def test_references_cannot_be_exchanged():
    """The reference of one address does not fit into another, and cannot be dropped or added."""
    first = callback_url(BASE, secret=SECRET, reference="order-7")
    second = callback_url(BASE, secret=SECRET, reference="order-8")
    bare = callback_url(BASE, secret=SECRET)

    refused(first.rpartition(".")[0] + "." + second.rpartition(".")[2], "not one of ours")
    refused(first.rpartition(".")[0], "not one of ours")
    refused(bare + "." + first.rpartition(".")[2], "not one of ours")
    refused(bare + ".", "not one of ours")


def test_age():
    """A token is good for 7 days, or for as long as is said."""
    url = callback_url(BASE, secret=SECRET, reference="r", now=NOW)

    assert "r" == check_callback(url, secret=SECRET, now=NOW + 7 * DAY)
    assert "r" == check_callback(url, secret=SECRET, now=NOW - 60)  # a clock that is behind
    assert "r" == check_callback(url, secret=SECRET, now=NOW + 99 * DAY, max_age=float("inf"))
    refused(url, "old", now=NOW + 7 * DAY + 1)
    refused(url, "61 s old, and at most 60 s", now=NOW + 61, max_age=60)
    refused(url, "old", now=float("nan"))


@pytest.mark.parametrize(
    "url",
    ["", "?", BASE, f"{BASE}?a=1", "a=1", "/hooks", "get3w_tokens=x", "GET3W_TOKEN=x", "\x00"],
)
def test_without_a_token(url):
    """An address without a token is refused."""
    refused(url, "is (missing|malformed)")


def test_token_comes_once():
    """With two tokens, others might see the wrong one."""
    url = callback_url(BASE, secret=SECRET)

    refused(f"{url}&{query_of(url)}", "repeated")
    refused(f"{url}&get3w_token=", "repeated")
    refused(f"{url}&get3w%5ftoken=x", "repeated")


def test_what_servers_never_see():
    """A fragment, white space or a flood of parameters is refused."""
    url = callback_url(BASE, secret=SECRET)

    refused(f"{url}#part", "malformed")
    refused(f"{url}\n", "malformed")
    refused(url + "&a" * 200, "missing")


@few
@given(st.data(), st.none() | st.text(st.characters(codec="utf-8"), max_size=20))
def test_any_change_is_refused(data, reference):
    """One changed, added or removed character of a token is refused."""
    url = callback_url(BASE, secret=SECRET, reference=reference)
    assert reference == check_callback(url, secret=SECRET)

    start = data.draw(st.integers(url.index("=") + 1, len(url)))
    end = data.draw(st.integers(start, min(start + 1, len(url))))
    new = data.draw(st.text(st.characters(codec="latin-1"), max_size=1))
    changed = url[:start] + new + url[end:]
    assume(changed != url)
    assume(not (new == "&" and start == end == len(url)))  # an empty parameter, not the token

    refused(changed)


@few
@given(st.text(max_size=60) | st.text(max_size=30).map(lambda text: f"get3w_token={text}"))
def test_any_address_is_refused(text):
    """Whatever comes, nothing but our own error comes out."""
    with pytest.raises(WebhookVerificationError):
        check_callback(text, secret=SECRET)
