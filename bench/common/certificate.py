"""A certificate for servers on this machine, and how clients come to trust it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

# What httpx, aiohttp and truststore read, and what requests reads.
VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")


def make_certificate(folder: Path) -> Path:
    """Write a key and a certificate for 127.0.0.1 into one file; return it."""
    path = folder / "certificate.pem"
    if not path.exists():
        command = "openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=127.0.0.1"
        extension = "subjectAltName=IP:127.0.0.1,DNS:localhost"
        files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "only.pem")]
        subprocess.run(
            [*command.split(), "-addext", extension, *files], check=True, capture_output=True
        )
        path.write_bytes((folder / "key.pem").read_bytes() + (folder / "only.pem").read_bytes())
    return path


def trusting(certificate: Path) -> dict[str, str]:
    """Return an environment in which clients trust the certificate, and go through no proxy."""
    kept = {name: text for name, text in os.environ.items() if "proxy" not in name.lower()}
    return kept | dict.fromkeys(VARIABLES, str(certificate))
