"""A local Get3W, built from the model schemas alone.

```python
from get3w_emulator import running

with running() as emulator:
    print(emulator.url, emulator.api_key)
```

Importing the package is cheap: the server and what it needs are loaded at first use.
"""

from __future__ import annotations

# Type checkers look for the name; `typing` itself costs 9 ms. `bool` keeps jedi from taking the
# value as settled and the names below as out of reach.
TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from get3w_emulator._common.clock import Clock as Clock
    from get3w_emulator._common.clock import ManualClock as ManualClock
    from get3w_emulator._common.problems import SetupError as SetupError
    from get3w_emulator.app import create_app as create_app
    from get3w_emulator.control import Emulator as Emulator
    from get3w_emulator.faults.outcomes import OutcomeRule as OutcomeRule
    from get3w_emulator.faults.rules import FaultRule as FaultRule
    from get3w_emulator.in_process import in_process as in_process
    from get3w_emulator.server import running as running
    from get3w_emulator.settings import Settings as Settings
    from get3w_emulator.state.predictions import Submission as Submission
    from get3w_emulator.state.webhooks import Attempt as Attempt
else:
    _MODULES = {
        "Attempt": "state.webhooks",
        "Clock": "_common.clock",
        "Emulator": "control",
        "FaultRule": "faults.rules",
        "ManualClock": "_common.clock",
        "OutcomeRule": "faults.outcomes",
        "Settings": "settings",
        "SetupError": "_common.problems",
        "Submission": "state.predictions",
        "create_app": "app",
        "in_process": "in_process",
        "running": "server",
    }
    __all__ = sorted(_MODULES)

    def __getattr__(name: str) -> object:
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        from get3w_emulator.extra import require_extra

        require_extra()
        value = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        return sorted({*globals(), *_MODULES})
