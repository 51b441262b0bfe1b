"""A server on loopback that counts connections and answers when a test lets it."""

import json
import socket
import ssl
import threading
from contextlib import suppress

PATIENCE = 20  # seconds; a test that waits so long has failed

PREDICTION = json.dumps(
    {"code": 200, "message": "success", "data": {"id": "pred_1", "status": "created"}}
).encode()


def answer(body=PREDICTION, head=b""):
    """Make the bytes of a 200."""
    return b"HTTP/1.1 200 OK\r\n%bContent-Length: %d\r\n\r\n%b" % (head, len(body), body)


class Server:
    """Answers each request with the next of `answers`, and the last one again and again.

    An answer is bytes, or a function of the connection's socket that returns whether to go on.
    """

    def __init__(self, *answers, tls=None):
        self.answers = list(answers) or [answer()]
        self.gate = threading.Event()  # answers wait for it
        self.gate.set()
        self.requests = []  # method and target, in the order of arrival
        self.pieces = []  # the first piece of each request as it came
        self.opened = 0
        self.open = 0
        self.most = 0
        self._lock = threading.Lock()
        self._arrived = threading.Semaphore(0)
        self._closed = threading.Semaphore(0)
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = self._listener.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def wait_for_requests(self, count):
        """Wait until *count* more requests have arrived."""
        for _ in range(count):
            assert self._arrived.acquire(timeout=PATIENCE)

    def wait_for_ends(self, count):
        """Wait until *count* more connections were closed by the other side."""
        for _ in range(count):
            assert self._closed.acquire(timeout=PATIENCE)

    def close(self):
        self.gate.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(PATIENCE)

    def _accept(self):
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                with self._lock:
                    self.opened += 1
                    self.open += 1
                    self.most = max(self.most, self.open)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, plain):
        try:
            # A client that gives up in the middle is part of many tests.
            with suppress(OSError), self._secured(plain) as connection:
                while self._serve_one(connection):
                    pass
        finally:
            plain.close()
            with self._lock:
                self.open -= 1
            self._closed.release()

    def _secured(self, plain):
        return plain if self._tls is None else self._tls.wrap_socket(plain, server_side=True)

    def _serve_one(self, connection):
        data = first = connection.recv(1 << 20)
        if data.startswith(b"\x16"):  # TLS where none is spoken
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            return False
        while data and b"\r\n\r\n" not in data:
            data += connection.recv(1 << 20)
        if not data:
            return False
        head, _, body = data.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        fields = dict(line.lower().split(": ", 1) for line in lines[1:])
        missing = int(fields.get("content-length", 0)) - len(body)
        while missing > 0:
            missing -= len(connection.recv(1 << 20))
        with self._lock:
            reply = self.answers[min(len(self.requests), len(self.answers) - 1)]
            self.requests.append(lines[0].rsplit(" ", 1)[0])
            self.pieces.append(first)
        self._arrived.release()
        assert self.gate.wait(PATIENCE)
        if callable(reply):
            return reply(connection)
        connection.sendall(reply)
        return b"Connection: close" not in reply


def server_context(certificate, private_key):
    """Make the server's side of TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, private_key)
    return context
