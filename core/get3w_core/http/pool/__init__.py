"""Our HTTP/1.1 connection pool, as a transport for `httpx.Client` and `httpx.AsyncClient`.

It exists for speed: httpcore's pool walks all its connections for each request. It may import
httpcore, h11, httpx and `_common.interruptions`. It knows nothing of Get3W, never retries, and
records whether bytes of a request were handed to a socket. `docs/decisions/http.md` says what ends
it.
"""
