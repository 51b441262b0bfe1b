"""Outputs are fetched from the public internet or the API's host, in time and within a size."""

import ipaddress

import httpx
import pytest
from get3w_core import ConfigurationError, ConnectionFailedError, Get3WError
from get3w_core.api.download_rules import is_public
from get3w_core.outputs.contents import text_of, url_of
from get3w_core.outputs.names import file_name
from hypothesis import given
from hypothesis import strategies as st

PRIVATE = [
    *("127.0.0.1", "127.1", "0x7f.1", "0x7f000001", "2130706433", "017700000001", "0", "0.0.0.0"),
    *("localhost", "LOCALHOST", "169.254.169.254", "10.0.0.1", "192.168.1.1", "172.16.0.1"),
    *("100.64.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1"),
    *("[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:a9fe:a9fe]", "[::127.0.0.1]"),
    *("[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[fe80::1]", "[fc00::1]", "[fec0::1]", "[ff02::1]"),
]


def finished(side, script, ok, output, *answers, **options):
    server = script(ok("completed", outputs=[output]), *answers)
    return server, side.run(side.client(server, **options).prediction("pred_1"))


@pytest.mark.parametrize("host", PRIVATE)
def test_private_addresses_are_not_fetched(side, script, ok, tmp_path, host):
    """However an address of this machine or its network is written, nothing is sent there."""
    server, prediction = finished(side, script, ok, f"https://{host}:8443/a.png")
    with pytest.raises(Get3WError, match="allow_private=True") as caught:
        side.run(prediction.download(tmp_path))

    assert "pred_1" == caught.value.prediction_id
    assert 1 == len(server.requests)
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost", "10.0.0.1"])
def test_private_addresses_are_fetched_when_asked_for(side, script, ok, tmp_path, host):
    """`allow_private=True` fetches them."""
    _, prediction = finished(side, script, ok, f"https://{host}/a.png", httpx.Response(200))

    assert 1 == len(side.run(prediction.download(tmp_path, allow_private=True)))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_the_host_of_the_api_needs_no_option(side, script, ok, tmp_path, host):
    """An emulator on this machine serves its own outputs; another private host is still refused."""
    outputs = f"http://{host}:8000/a.png"
    options = {"base_url": f"http://{host}:8000"}
    _, prediction = finished(side, script, ok, outputs, httpx.Response(200), **options)

    assert 1 == len(side.run(prediction.download(tmp_path)))

    _, prediction = finished(side, script, ok, "http://192.168.1.1/a.png", **options)
    with pytest.raises(Get3WError, match="allow_private"):
        side.run(prediction.download(tmp_path))


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_inside_of_another_is_judged_itself(address):
    """Mapped, translated and tunnelled addresses lead where the address inside does."""
    number = int(address)
    inside = [
        ipaddress.IPv6Address(0xFFFF << 32 | number),
        ipaddress.IPv6Address(int(ipaddress.IPv6Address("64:ff9b::")) | number),
        ipaddress.IPv6Address(0x2002 << 112 | number << 80),
    ]

    assert [is_public(address)] * 3 == [is_public(each) for each in inside]


@pytest.mark.parametrize("address", ["1.1.1.1", "8.8.8.8", "2606:4700:4700::1111"])
def test_public_addresses_are_public(address):
    """What is on the internet may be fetched."""
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("url", ["http://cdn.test/a.png", "HTTP://api.get3w.com/a.png"])
def test_nothing_is_fetched_in_clear_from_an_https_api(side, script, ok, tmp_path, url):
    """An address without TLS is refused, unless it is asked for."""
    server, prediction = finished(side, script, ok, url, httpx.Response(200))
    with pytest.raises(Get3WError, match="allow_http=True"):
        side.run(prediction.download(tmp_path))

    assert 1 == len(server.requests)
    assert 1 == len(side.run(prediction.download(tmp_path, allow_http=True)))


@pytest.mark.parametrize("target", ["http://169.254.169.254/", "https://cdn.test/b.png"])
def test_no_redirect_leads_elsewhere(side, script, ok, tmp_path, target):
    """A redirect is never followed, so no rule is evaded by one."""
    moved = httpx.Response(302, headers={"Location": target})
    server, prediction = finished(side, script, ok, "https://cdn.test/a.png", moved)
    with pytest.raises(Get3WError, match="redirect"):
        side.run(prediction.download(tmp_path))

    assert {"/a.png"} == {request.url.path for request in server.requests[1:]}


def test_an_address_with_a_user_is_not_fetched(side, script, ok, tmp_path):
    """Two parsers could read its host differently."""
    _, prediction = finished(side, script, ok, "https://cdn.test@10.0.0.1/a.png")
    with pytest.raises(Get3WError, match="not plain"):
        side.run(prediction.download(tmp_path))


class Drip(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body of which a byte comes each minute."""

    def __init__(self, clock, count=1_000_000):
        self.clock, self.count, self.given = clock, count, 0

    def __iter__(self):
        for _ in range(self.count):
            self.clock.sleep(60)
            self.given += 1
            yield b"x"

    async def __aiter__(self):
        for piece in self:
            yield piece


@pytest.mark.parametrize(("options", "minutes"), [({}, 60), ({"timeout": 600.0}, 10)])
def test_a_drip_ends(side, script, ok, tmp_path, options, minutes):
    """A body that comes byte by byte is given up in time, and leaves no file."""
    drip = Drip(side.clock)
    answer = httpx.Response(200, stream=drip)
    _, prediction = finished(side, script, ok, "https://cdn.test/a.png", answer)
    with pytest.raises(ConnectionFailedError, match=r"timeout=\.\.\."):
        side.run(prediction.download(tmp_path, **options))

    assert minutes + 1 == drip.given
    assert [] == list(tmp_path.iterdir())


def test_a_drip_may_be_waited_for(side, script, ok, tmp_path):
    """`timeout=None` takes what comes, as long as it comes."""
    answer = httpx.Response(200, stream=Drip(side.clock, 100))
    _, prediction = finished(side, script, ok, "https://cdn.test/a.png", answer)
    [path] = side.run(prediction.download(tmp_path, timeout=None))

    assert b"x" * 100 == path.read_bytes()


def test_retries_end_in_time(side, script, ok, tmp_path):
    """The time counts for all attempts of an output together."""
    slow = lambda request: (side.clock.sleep(50), httpx.Response(503))[1]  # noqa: E731 - a script
    server, prediction = finished(side, script, ok, "https://cdn.test/a.png", slow)
    with pytest.raises(ConnectionFailedError, match="after 120 s"):
        side.run(prediction.download(tmp_path, timeout=120))

    assert 1 + 3 == len(server.requests)


def test_a_size_is_kept(side, script, ok, tmp_path):
    """What is larger than asked for is given up, and leaves no file."""
    answer = httpx.Response(200, content=bytes(101))
    _, prediction = finished(side, script, ok, "https://cdn.test/a.png", answer)
    with pytest.raises(Get3WError, match="larger than 100 bytes"):
        side.run(prediction.download(tmp_path, max_bytes=100))

    assert [] == list(tmp_path.iterdir())
    assert 1 == len(side.run(prediction.download(tmp_path, max_bytes=101)))


@pytest.mark.parametrize(
    "options",
    [{"timeout": "1"}, {"max_bytes": -1}, {"allow_private": "no"}, {"allow_http": 1}],
)
def test_options_that_cannot_be_used(side, script, ok, tmp_path, options):
    """A wrong option is refused before anything is fetched."""
    server, prediction = finished(side, script, ok, "https://cdn.test/a.png")
    with pytest.raises(ConfigurationError, match=next(iter(options))):
        side.run(prediction.download(tmp_path, **options))

    assert 1 == len(server.requests)


WORDS = [
    "https://cdn.test/a.png is what you asked for",
    "https://cdn.test/a.png\nand more",
    "http://169.254.169.254/latest was found",
    "see https://cdn.test/a.png",
    "https://",
    "https:///a.png",
    "https://?",
    "https://cdn.test/<b>",
    "https://cdn.test/a.png\u00a0",
    "http:/cdn.test/a.png",
    "httpsx://cdn.test",
]


@pytest.mark.parametrize("text", WORDS)
def test_words_with_an_address_in_them_are_words(side, script, ok, tmp_path, text):
    """A text that is not an address as a whole is kept as text, and nothing is fetched."""
    server, prediction = finished(side, script, ok, text)
    [path] = side.run(prediction.download(tmp_path))

    assert text == prediction.output.text
    assert ".txt" == path.suffix
    assert text.encode() == path.read_bytes()
    assert 1 == len(server.requests)


@pytest.mark.parametrize("url", ["https://cdn.test/a b.png", "https://cdn.test/a.png\n"])
def test_an_object_with_words_for_an_address_has_none(url):
    """What is called `url` in an object is fetched only if it is one."""
    assert url_of({"url": url}) is None


@given(st.text(max_size=40).map("https://cdn.test/".__add__))
def test_an_output_is_an_address_or_words_and_never_both(text):
    """Every text is one of the two."""
    assert (url_of(text) is None) != (text_of(text) is None)


HARMFUL = [
    *("html", "htm", "xhtml", "svg", "sh", "desktop", "exe", "bat", "cmd", "com", "ps1", "js"),
    *(
        "mjs",
        "vbs",
        "py",
        "pyw",
        "lnk",
        "url",
        "jar",
        "app",
        "command",
        "scr",
        "msi",
        "php",
        "HTML",
    ),
]


@pytest.mark.pairwise
@pytest.mark.parametrize("suffix", HARMFUL)
@pytest.mark.parametrize("content_type", ["image/png", "text/html", "application/x-sh", ""])
def test_no_file_gets_a_harmful_ending(side, script, ok, tmp_path, suffix, content_type):
    """Neither an address nor a content type gives a file an ending that a system executes."""
    answer = httpx.Response(200, content=b"text", headers={"Content-Type": content_type})
    _, prediction = finished(side, script, ok, f"https://cdn.test/a.{suffix}", answer)
    [path] = side.run(prediction.download(tmp_path))
    again = side.run(prediction.download(tmp_path))

    assert (".png" if content_type == "image/png" else ".bin") == path.suffix
    assert [path] == again


@pytest.mark.parametrize(
    "kind",
    [
        *("text/html", "image/svg+xml", "application/x-sh", "application/x-desktop"),
        *("application/javascript", "application/x-msdownload", "text/x-python"),
    ],
)
def test_data_gets_no_harmful_ending(side, script, ok, tmp_path, kind):
    """Nor does data that calls itself a program or a page."""
    _, prediction = finished(side, script, ok, f"data:{kind},<b>words</b>")
    [path] = side.run(prediction.download(tmp_path))

    assert ".bin" == path.suffix


@pytest.mark.parametrize("suffix", ["png", "JPG", "mp4", "wav", "glb", "json", "zip", "srt"])
def test_plain_endings_stay(suffix):
    """The ending of a picture, a sound or data is kept as the address has it."""
    assert f"p-0-a.{suffix}" == file_name("p", 0, f"https://cdn.test/a.{suffix}", ".bin")
