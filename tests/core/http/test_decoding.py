"""Coded bodies are decoded within bounds, or refused by the name of their coding."""

import asyncio
import gzip
import json
import zlib

import httpx
import pytest
from get3w_core import Get3WError, ResponseFormatError
from get3w_core.http.decoding import cannot_decode, codings_of, decoded, decoded_async
from hypothesis import given
from hypothesis import strategies as st

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 10


def raw_deflate(content):
    engine = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return engine.compress(content) + engine.flush()


CODINGS = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "GZip": gzip.compress,
    "deflate": zlib.compress,
    "deflate ": raw_deflate,
    "identity": bytes,
}


def coded(content, codings):
    for coding in codings:
        content = CODINGS[coding](content)
    return content


def split(content, size):
    return [content[start : start + size] for start in range(0, len(content), size)]


async def collected(pieces, codings):
    async def source():
        for piece in pieces:
            yield piece

    return b"".join([piece async for piece in decoded_async(source(), codings)])


@given(
    content=st.binary(max_size=300),
    codings=st.lists(st.sampled_from(list(CODINGS)), max_size=4),
    size=st.integers(1, 60),
)
def test_what_was_coded_is_decoded(content, codings, size):
    """Any stack of known codings is undone, in pieces of any size, for threads and asyncio."""
    found = codings_of({"content-encoding": ", ".join(codings)})
    pieces = split(coded(content, codings), size)

    assert content == b"".join(decoded(pieces, found))
    assert content == asyncio.run(collected(pieces, found))


def test_members_of_gzip_follow_each_other():
    """A body of several gzip members, and one that is padded, is read whole."""
    body = gzip.compress(b"one ") + gzip.compress(b"two") + bytes(20)

    assert b"one two" == b"".join(decoded(split(body, 7), ("gzip",)))


@pytest.mark.parametrize("codings", [["gzip"], ["deflate"], ["deflate "], ["gzip", "gzip"]])
@pytest.mark.parametrize(
    "spoil", [lambda body: body[:-5], lambda body: body[:1], lambda body: b"\xff" + body[1:]]
)
def test_a_body_that_is_not_what_it_says_is_an_error(codings, spoil):
    """A body that breaks off, or is something else, never passes for a whole one."""
    body = spoil(coded(PNG, codings))
    with pytest.raises(httpx.DecodingError):
        list(decoded([body], codings_of({"content-encoding": ",".join(codings)})))


def test_a_bomb_is_given_up():
    """Two layers unfold to no more than one could, and little is read for that."""
    body = coded(bytes(20 << 20), ["gzip", "gzip"])
    pieces = []
    with pytest.raises(httpx.DecodingError, match="unfold"):
        pieces.extend(decoded([body], ("gzip", "gzip")))

    assert len(body) < 2000
    assert sum(map(len, pieces)) < 2 << 20


def test_one_layer_has_no_other_limit():
    """A long silence compresses well, and comes whole."""
    body = gzip.compress(bytes(20 << 20))

    assert 20 << 20 == sum(map(len, decoded([body], ("gzip",))))


UNKNOWN = ["br", "zstd", "compress", "aes128gcm", "gzip, br", "br, gzip", ",".join(["gzip"] * 5)]


@pytest.mark.parametrize("coding", UNKNOWN)
def test_what_cannot_be_decoded_is_named(coding):
    """The reason names what the header says."""
    assert coding.split(",")[0] in cannot_decode({"content-encoding": coding})


def output(side, script, ok, answer):
    server = script(ok("completed", outputs=["https://cdn.test/a.png"]), answer)
    return server, side.run(side.client(server).prediction("pred_1"))


@pytest.mark.parametrize("codings", [["gzip"], ["x-gzip"], ["deflate"], ["deflate", "gzip"]])
def test_a_coded_output_is_stored_as_what_it_is(side, script, ok, tmp_path, codings):
    """What was not asked for is decoded all the same."""
    answer = httpx.Response(
        200,
        stream=httpx.ByteStream(coded(PNG, codings)),
        headers={"Content-Encoding": ", ".join(codings), "Content-Type": "image/png"},
    )
    _, prediction = output(side, script, ok, answer)
    [path] = side.run(prediction.download(tmp_path))

    assert ("pred_1-0-a.png", PNG) == (path.name, path.read_bytes())


@pytest.mark.parametrize("coding", UNKNOWN)
def test_an_output_that_cannot_be_decoded_leaves_no_file(side, script, ok, tmp_path, coding):
    """The error names the coding and the prediction; it is not asked for again."""
    answer = httpx.Response(
        200, stream=httpx.ByteStream(b"coded"), headers={"Content-Encoding": coding}
    )
    server, prediction = output(side, script, ok, answer)
    with pytest.raises(ResponseFormatError, match=coding.split(",")[0]) as caught:
        side.run(prediction.download(tmp_path))

    assert "pred_1" == caught.value.prediction_id
    assert 2 == len(server.requests)
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "content",
    [gzip.compress(PNG)[:-8], b"no gzip", gzip.compress(PNG)[:12]],
    ids=["without its end", "no gzip", "only its beginning"],
)
def test_an_output_that_is_spoilt_leaves_no_file(side, script, ok, tmp_path, content):
    """A body that cannot be decompressed is fetched again, and then an error."""
    answer = httpx.Response(
        200, stream=httpx.ByteStream(content), headers={"Content-Encoding": "gzip"}
    )
    server, prediction = output(side, script, ok, answer)
    with pytest.raises(Get3WError, match="compressed"):
        side.run(prediction.download(tmp_path))

    assert 2 < len(server.requests)
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize("coding", ["br", "zstd"])
def test_an_answer_that_cannot_be_decoded_says_why(side, script, coding):
    """An answer of the API in a coding that was not asked for is named too."""
    answer = httpx.Response(
        200, stream=httpx.ByteStream(b"\x8b\x02coded"), headers={"Content-Encoding": coding}
    )
    with pytest.raises(ResponseFormatError, match=coding):
        side.run(side.client(script(answer), max_retries=0).balance())


@pytest.mark.parametrize("coding", ["utf-8", "none", "gzip", "x-gzip"])
def test_an_answer_that_can_be_read_is_read(side, script, paint, coding):
    """JSON is JSON, also where a server names a coding that is none: nothing paid for is lost."""
    body = json.dumps({"data": {"id": "pred_1", "status": "created"}}).encode()
    content = gzip.compress(body) if "gzip" in coding else body
    answer = httpx.Response(
        200, stream=httpx.ByteStream(content), headers={"Content-Encoding": coding}
    )

    assert "pred_1" == side.run(side.client(script(answer)).submit(paint)).id
