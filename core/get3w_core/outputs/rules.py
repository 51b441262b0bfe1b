"""What fetching an output may do: how long, how much, and from where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from get3w_core._common.arguments import check_count, check_flag, check_patience

DOWNLOAD_SECONDS: Final = 3600.0
DOWNLOAD_BYTES: Final = 16 * 1024**3
READ_BYTES: Final = 1024**3
"""The largest output that is read into memory, unless more is asked for."""


@dataclass(frozen=True, slots=True)
class DownloadRules:
    """What one call may fetch.

    Attributes:
        timeout: Seconds for each output, all retries included; None is no limit.
        max_bytes: The size of each output.
        allow_private: Whether addresses of this machine and its network are fetched.
        allow_http: Whether outputs are fetched in clear though the API is spoken to by https.

    Raises:
        ConfigurationError: One of them cannot be used.
    """

    timeout: float | None = DOWNLOAD_SECONDS
    max_bytes: int = DOWNLOAD_BYTES
    allow_private: bool = False
    allow_http: bool = False

    def __post_init__(self) -> None:
        check_patience(self.timeout)
        check_count("max_bytes", self.max_bytes)
        check_flag("allow_private", self.allow_private)
        check_flag("allow_http", self.allow_http)
