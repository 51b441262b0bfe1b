"""Ways of bringing one's own HTTP, honest and lying: what `http_client=` may be in practice."""

import http.client
from urllib.parse import urlsplit

import httpcore
import httpx
import httpx2
import httpx_aiohttp
import urllib3
from get3w_core.http.environment import tls_context
from get3w_core.http.pool.aio import AsyncPooledTransport
from get3w_core.http.pool.sync import PooledTransport
from pyreqwest.client import ClientBuilder, SyncClientBuilder
from pyreqwest.compatibility.httpx import HttpxTransport, SyncHttpxTransport

NOWHERE = "http://127.0.0.1:1"


class Lying(httpx.BaseTransport):
    """Sends, and raises as if it had not connected."""

    def __init__(self, kind, cause=None):
        self.inner, self.kind, self.cause = httpx.HTTPTransport(), kind, cause

    def handle_request(self, request):
        try:
            return self.inner.handle_request(request)
        except httpx.HTTPError:
            raise self.kind("not connected", request=request) from self.cause


class LyingWithTrace(Lying):
    """Has a real error of httpcore's to show, and calls the trace as httpcore does."""

    def handle_request(self, request):
        request.extensions, kept = {}, request.extensions
        try:
            return self.inner.handle_request(request)
        except httpx.HTTPError:
            elsewhere = httpx.Request("GET", NOWHERE, extensions=kept)
            return self.inner.handle_request(elsewhere)


class Resending(httpx.BaseTransport):
    """Sends again by itself, and reports what its last attempt came to."""

    def __init__(self, *urls):
        self.inner, self.urls = httpx.HTTPTransport(), urls

    def handle_request(self, request):
        try:
            return self.inner.handle_request(request)
        except httpx.HTTPError:
            request.url = httpx.URL(NOWHERE)
            return self.inner.handle_request(request)


class Cached(httpx.HTTPTransport):
    """Answers from a cache where the server does not."""

    def __init__(self, status):
        super().__init__()
        self.status = status

    def handle_request(self, request):
        try:
            return super().handle_request(request)
        except httpx.HTTPError:
            return httpx.Response(self.status)


class SendingElse(httpx.BaseTransport):
    """Sends the request by other means, and fails to connect with the transport beneath."""

    def __init__(self, inner=None):
        self.inner = inner or httpx.HTTPTransport()

    def handle_request(self, request):
        plain_post(request)
        request.url = httpx.URL(NOWHERE)
        return self.inner.handle_request(request)


class SendingAlone(httpx.BaseTransport):
    """Sends by means of another library, and lets its errors through."""

    def __init__(self, send):
        self.send = send

    def handle_request(self, request):
        return httpx.Response(200, content=self.send(request))


class Subclassed(httpx.Client):
    """Sends on its own before it does what it is asked for."""

    def send(self, request, **options):
        plain_post(request)
        request.url = httpx.URL(NOWHERE)
        return super().send(request, **options)


def plain_post(request):
    """Send with the standard library, whose errors are of the system."""
    address = urlsplit(str(request.url))
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=5)
    try:
        connection.request(request.method, address.path, request.read(), dict(request.headers))
        return connection.getresponse().read()
    except http.client.RemoteDisconnected:
        return b""
    finally:
        connection.close()


def failing_post(request):
    """Send with the standard library, and let its error through."""
    address = urlsplit(str(request.url))
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=5)
    connection.request(request.method, address.path, request.read(), dict(request.headers))
    return connection.getresponse().read()


def urllib3_post(request):
    """Send with urllib3, and let its error through."""
    pool = urllib3.PoolManager(retries=False)
    return pool.request(
        request.method, str(request.url), body=request.read(), headers=dict(request.headers)
    ).data


class Misnamed(Exception):
    """An error of a class of its own."""


def misnamed_post(request):
    """Send, and raise an error of no library."""
    plain_post(request)
    raise Misnamed("it did not work")


class TwoRequests(httpx.Auth):
    """Sends a request of its own before the one that it is asked for."""

    def auth_flow(self, request):
        yield httpx.Request("POST", request.url, content=b"token, please")
        yield request


def asking_elsewhere(request):
    """A hook that fails to send something of its own."""
    httpx.get(NOWHERE)


def telling_elsewhere(response):
    """A hook that fails to send something of its own, after the answer."""
    httpx.get(NOWHERE)


def wsgi(environ, start_response):
    """Read the whole request, and hang up."""
    environ["wsgi.input"].read()
    WSGI_POSTS.append(environ["PATH_INFO"])
    raise ConnectionResetError(104, "Connection reset by peer")


WSGI_POSTS = []


SYNC = {
    "own pool": lambda: None,
    "httpx": httpx.Client,
    "httpx2": httpx2.Client,
    "httpx with retries of connecting": lambda: httpx.Client(
        transport=httpx.HTTPTransport(retries=2)
    ),
    "pyreqwest": lambda: httpx.Client(transport=SyncHttpxTransport(SyncClientBuilder().build())),
    **{
        f"lying: {kind.__name__}": lambda kind=kind: httpx.Client(transport=Lying(kind))
        for kind in (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
    },
    "lying, with a cause": lambda: httpx.Client(
        transport=Lying(httpx.ConnectError, httpcore.ConnectError("refused"))
    ),
    "lying, with httpcore's own error": lambda: httpx.Client(
        transport=LyingWithTrace(httpx.ConnectError)
    ),
    "resending": lambda: httpx.Client(transport=Resending()),
    "an auth flow": lambda: httpx.Client(auth=TwoRequests()),
    "a mount": lambda: httpx.Client(mounts={"http://": SendingElse()}),
    "around ours": lambda: httpx.Client(transport=SendingElse(PooledTransport(tls_context()))),
    "a client of one's own": Subclassed,
    "http.client": lambda: httpx.Client(transport=SendingAlone(failing_post)),
    "urllib3": lambda: httpx.Client(transport=SendingAlone(urllib3_post)),
    "an error of no library": lambda: httpx.Client(transport=SendingAlone(misnamed_post)),
}


class LyingAsync(httpx.AsyncBaseTransport):
    """Sends, and raises as if it had not connected."""

    def __init__(self, kind):
        self.inner, self.kind = httpx.AsyncHTTPTransport(), kind

    async def handle_async_request(self, request):
        try:
            return await self.inner.handle_async_request(request)
        except httpx.HTTPError:
            raise self.kind("not connected", request=request) from None


class SendingElseAsync(httpx.AsyncBaseTransport):
    """Sends the request by other means, and fails to connect with the transport beneath."""

    def __init__(self, inner=None):
        self.inner = inner or httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request):
        async with httpx.AsyncClient() as other:
            try:
                await other.post(request.url, content=await request.aread())
            except httpx.HTTPError:
                request.url = httpx.URL(NOWHERE)
        return await self.inner.handle_async_request(request)


class Httpx2Lying(httpx2.AsyncBaseTransport):
    """Lies in terms of httpx2."""

    async def handle_async_request(self, request):
        async with httpx2.AsyncClient() as other:
            try:
                return await other.post(request.url, content=await request.aread())
            except httpx2.HTTPError:
                raise httpx2.ConnectError("not connected", request=request) from None


ASYNC = {
    "own pool": lambda: None,
    "httpx": httpx.AsyncClient,
    "httpx2": httpx2.AsyncClient,
    "httpx-aiohttp": httpx_aiohttp.HttpxAiohttpClient,
    "pyreqwest": lambda: httpx.AsyncClient(transport=HttpxTransport(ClientBuilder().build())),
    **{
        f"lying: {kind.__name__}": lambda kind=kind: httpx.AsyncClient(transport=LyingAsync(kind))
        for kind in (httpx.ConnectError, httpx.PoolTimeout)
    },
    "lying in httpx2": lambda: httpx2.AsyncClient(transport=Httpx2Lying()),
    "a mount": lambda: httpx.AsyncClient(mounts={"http://": SendingElseAsync()}),
    "around ours": lambda: httpx.AsyncClient(
        transport=SendingElseAsync(AsyncPooledTransport(tls_context()))
    ),
    "an auth flow": lambda: httpx.AsyncClient(auth=TwoRequests()),
}
STOCK = ("own pool", "httpx", "httpx2")
