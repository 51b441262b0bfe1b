"""The one logger; imported by calls, so that importing the package does not load logging."""

from __future__ import annotations

import logging

LOGGER = logging.getLogger("get3w_core")
LOGGER.addHandler(logging.NullHandler())
