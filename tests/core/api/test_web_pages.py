"""A base URL that is a web site's is told as such; what is known of money does not change."""

import httpx
import pytest
from get3w_core import (
    APIError,
    BadRequestError,
    NotFoundError,
    ResponseFormatError,
    ServerError,
    SubmitOutcomeUnknownError,
)

SITE = "https://site.test"
PAGE = "<!DOCTYPE html>\n<html><body>Welcome, stranger</body></html>"
THE_API = "the API is at https://api.get3w.com by default; base_url= or GET3W_BASE_URL"


def page(status=200, text=PAGE, headers=()):
    return httpx.Response(status, html=text, headers=dict(headers))


PAGES = [
    pytest.param(page(), id="page"),
    pytest.param(page(202), id="202"),
    pytest.param(page(text="Welcome, stranger"), id="type"),
    pytest.param(httpx.Response(200, content=f"\n {PAGE}"), id="doctype"),
    pytest.param(httpx.Response(200, content="<HTML lang=en>Welcome, stranger"), id="html"),
    pytest.param(httpx.Response(200, content=b"\xef\xbb\xbf" + PAGE.encode()), id="mark"),
]


def error_from(side, server, call, kind, **options):
    """Return the error that *call* ends in, at the address of a site."""
    with pytest.raises(kind) as caught:
        side.run(call(side.client(server, base_url=SITE, **options)))
    return caught.value


@pytest.mark.parametrize("answer", [*PAGES, page(500), page(501), page(502)])
def test_a_submit_to_a_site_is_unknown_and_says_so(side, script, paint, answer):
    """The outcome stays unknown after one POST; the text names the address and not the page's."""
    server = script(answer)
    error = error_from(side, server, lambda c: c.submit(paint), SubmitOutcomeUnknownError)

    assert "a web page and not the API's" in str(error)
    assert THE_API in str(error)
    assert f"POST {SITE}/api/v3/get3w/paint" in str(error)
    assert "stranger" not in str(error)
    assert "stranger" in error.body
    assert 1 == server.posts


@pytest.mark.parametrize("answer", PAGES)
def test_a_read_of_a_site_fails_at_once(side, script, answer):
    """A page as a success does not pass, so nobody waits for that."""
    server = script(answer)
    error = error_from(side, server, lambda c: c.balance(), ResponseFormatError)

    assert f"GET {SITE}/api/v3/balance is a web page and not the API's" in str(error)
    assert THE_API in str(error)
    assert "stranger" not in str(error)
    assert "stranger" in error.body
    assert (1, []) == (len(server.requests), side.clock.pauses)


def test_a_delete_at_a_site_is_no_success(side, script):
    """Any success will do for a delete, but a site has deleted nothing."""
    error_from(side, script(page()), lambda c: c.delete("pred_1"), ResponseFormatError)


@pytest.mark.parametrize(
    "answer",
    [
        page(502),
        page(503),
        page(429),
        page(text='{"code":200,"da'),
        page(text=""),
    ],
)
def test_what_passes_is_still_read_again(side, script, data, answer):
    """A gateway's page, and JSON that breaks off and is called HTML, are worth another attempt."""
    server = script(answer, data({"balance": 2}))

    assert 2 == side.run(side.client(server).balance())


def test_a_wait_outlives_a_page(side, script, ok, paint):
    """Where the prediction comes from there is an API, so a page in its place passes."""
    server = script(ok(), page(), ok("processing"), page(), ok("completed"))
    prediction = side.run(side.client(server).submit(paint))
    side.run(prediction.refresh())
    assert "processing" == prediction.status

    side.run(prediction.wait())
    assert "completed" == prediction.status


def test_a_wait_for_many_outlives_a_page(side, script, ok, paint):
    """So it is where many are waited for."""
    server = script(ok(), page(), ok("completed"))
    prediction = side.run(side.client(server).submit(paint))

    assert [prediction] == side.run(side.many("wait_all", [prediction]))


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("https://www.site.test/api?token=hidden#hidden", "https://www.site.test/api"),
        ("/login?token=hidden", f"{SITE}/login"),
        ("https://user:hidden@www.site.test/", None),
        ("http://[hidden", None),
        (None, None),
    ],
)
def test_a_redirect_says_where_it_leads(side, script, paint, status, location, target):
    """It is not followed, its address is shown without a secret, and the verdicts stay."""
    headers = {} if location is None else {"Location": location}
    told = f"a redirect{f' to {target}' if target else ''}, and redirects are never followed"

    def error(call, kind):
        server = script(page(status, headers=headers))
        error = error_from(side, server, call, kind)
        assert 1 == len(server.requests)
        return str(error)

    submit = error(lambda c: c.submit(paint), SubmitOutcomeUnknownError)
    read = error(lambda c: c.balance(), APIError)
    for text in (submit, read):
        assert told in text
        assert "hidden" not in text
        assert "stranger" not in text
    assert THE_API in submit
    assert (location is not None) == (THE_API in read)


def test_a_redirect_keeps_what_the_server_says(side, script, paint, error):
    """The text of a redirect is told beside where it leads."""
    server = script(error(308, message="moved", headers={"Location": "/v4"}))
    submit = error_from(side, server, lambda c: c.submit(paint), SubmitOutcomeUnknownError)
    read = error_from(side, server, lambda c: c.balance(), APIError)

    for text in (str(submit), str(read)):
        assert "moved" in text
        assert f"a redirect to {SITE}/v4" in text


@pytest.mark.parametrize(("status", "kind"), [(404, NotFoundError), (405, APIError)])
def test_a_page_that_is_missing_points_at_the_base_url(side, script, rumour, status, kind):
    """A site that has no such page says nothing of the model."""
    for call in (lambda c: c.submit(rumour), lambda c: c.balance()):
        server = script(page(status))
        text = str(error_from(side, server, call, kind))

        assert f"answered with {status}: a web page and not the API's; {THE_API}" in text
        assert "not confirmed" not in text
        assert "stranger" not in text
        assert 1 == len(server.requests)


def test_a_missing_page_of_the_api_itself_points_at_the_model(side, script, rumour):
    """Where the base URL is right, a page with 404 is about what was asked for."""
    with pytest.raises(NotFoundError, match="not confirmed on Get3W") as caught:
        side.run(side.client(script(page(404))).submit(rumour))

    assert "by default" not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "kind"), [(400, BadRequestError), (502, SubmitOutcomeUnknownError)]
)
def test_other_pages_are_kept_and_not_printed(side, script, paint, status, kind):
    """The page of the API's own gateway blames no base URL; it can be read from the error."""
    with pytest.raises(kind) as caught:
        side.run(side.client(script(page(status))).submit(paint))

    assert "a web page, kept in error.body" in str(caught.value)
    assert "by default" not in str(caught.value)
    assert "stranger" not in str(caught.value)
    assert "stranger" in caught.value.body


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (page(404), "a web page, kept in error.body. Outputs are kept for 7 days"),
        (page(302, headers={"Location": "/x"}), "a redirect to https://cdn.test/x, and"),
    ],
)
def test_a_download_does_not_point_at_the_base_url(side, script, ok, tmp_path, answer, told):
    """Outputs are elsewhere, so a page in their place says nothing of where the API is."""
    server = script(ok("completed", outputs=["https://cdn.test/a.png"]), answer)
    prediction = side.run(side.client(server, base_url=SITE).prediction("pred_1"))
    with pytest.raises(APIError) as caught:
        side.run(prediction.download(tmp_path))

    assert told in str(caught.value)
    assert "by default" not in str(caught.value)


def test_a_gateway_that_stays_is_a_server_error(side, script):
    """A read ends in the gateway's own error after its retries."""
    server = script(page(502))
    error_from(side, server, lambda c: c.balance(), ServerError, max_retries=2)

    assert 3 == len(server.requests)
