"""Paths that lead to no plain file are refused before anything is read."""

import os
import socket
import threading
from pathlib import Path

import pytest
from get3w_core import LocalFileError

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
MIB = 1 << 20

pytestmark = pytest.mark.skipif(os.name != "posix", reason="special files are those of POSIX")


def link_to(target):
    def make(folder):
        (folder / "a.png").symlink_to(target)
        return folder / "a.png"

    return make


def pipe(folder):
    os.mkfifo(folder / "a.png")
    return folder / "a.png"


def unix_socket(folder):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "a.png"))
    return folder / "a.png"


SPECIAL = {
    "zero": (link_to("/dev/zero"), "a device"),
    "random": (link_to("/dev/urandom"), "a device"),
    "null": (link_to("/dev/null"), "a device"),
    "terminal": (link_to("/dev/tty"), "a device"),
    "folder": (link_to("/"), "a folder"),
    "pipe": (pipe, "a named pipe"),
    "socket": (unix_socket, "a socket"),
    "loop": (link_to("a.png"), "a.png"),
    "nothing": (link_to("missing"), "a.png"),
}


@pytest.mark.parametrize("content_type", [None, "image/png", "application/octet-stream"])
@pytest.mark.parametrize("kind", SPECIAL)
def test_a_special_file_is_refused(side, script, tmp_path, kind, content_type):
    """The error says what it is, and nothing is read, also where the type is given."""
    make, what = SPECIAL[kind]
    path, server = make(tmp_path), script()
    with pytest.raises(LocalFileError, match=what) as caught:
        side.run(side.client(server).upload(path, content_type=content_type))

    assert path == caught.value.path
    assert "Nothing was sent" in str(caught.value)
    assert [] == server.requests


def test_a_special_file_in_a_request_is_refused(side, script, Paint, tmp_path):
    """A submit with a pipe among its files sends nothing."""
    server = script()
    with pytest.raises(LocalFileError, match="a named pipe"):
        side.run(side.client(server).submit(Paint(prompt="x", image=pipe(tmp_path))))

    assert [] == server.requests


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no such device here")
@pytest.mark.parametrize("content_type", [None, "image/png"])
def test_an_open_device_is_read_up_to_the_limit(side, script, content_type):
    """A device that the caller opened is read like a stream, which has its limit."""
    server = script()
    with Path("/dev/zero").open("rb") as file, pytest.raises(LocalFileError) as caught:
        side.run(side.client(server).upload(file, content_type=content_type))

    assert ("type is not known" if content_type is None else "at most 20 MiB") in str(caught.value)
    assert [] == server.requests


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc here")
def test_a_file_that_the_system_makes_up_is_sent_whole(side, script, data):
    """A file of /proc says that it is empty, and is sent with the length of what it gives."""
    server = script(data({"url": "https://cdn.test/1"}))
    side.run(side.client(server).upload("/proc/self/status", content_type="text/plain"))
    [request] = server.requests

    assert b"VmRSS" in request.content
    assert len(request.content) == int(request.headers["Content-Length"])


def test_an_open_named_pipe_is_read(side, script, data, tmp_path):
    """The way out that the refusal names works: the open pipe is sent."""
    path, server = pipe(tmp_path), script(data({"url": "https://cdn.test/1"}))
    writer = threading.Thread(target=lambda: path.write_bytes(PNG))
    writer.start()
    with path.open("rb") as file:
        side.run(side.client(server).upload(file))
    writer.join()

    assert PNG in server.requests[0].content


def test_a_file_that_grows_while_it_is_read_has_its_limit(side, script):
    """A file that is appended to as fast as it is read is given up at the limit."""

    class Growing:
        given = 0

        def seekable(self):
            return True

        def seek(self, place, whence=0):
            return place

        def read(self, size=-1):
            self.given += size
            return PNG[: len(PNG)] if self.given == size else bytes(size)

    file, server = Growing(), script()
    with pytest.raises(LocalFileError, match="at most 20 MiB"):
        side.run(side.client(server).upload(file))

    assert file.given < 21 * MIB
    assert [] == server.requests
