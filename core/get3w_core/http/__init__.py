"""HTTP: put one request on the wire, and return its answer or what is known of its failure.

Every request goes through a client of httpx's kind: the caller's own, or one of ours over the
connection pool in `pool`. The rest of the package sees `HttpRequest` and `Outcome` alone, so
nothing outside of this folder knows which client it is. Modules here may import `flow` and below,
httpx, httpcore and h11; they never send a request twice, and never believe the class of an
exception. This file imports nothing, so that httpx is loaded by the first call.
"""
