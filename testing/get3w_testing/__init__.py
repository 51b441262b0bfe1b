"""Test helpers for programs that use Get3W: see `get3w_testing.plugin`."""

# pytest loads this package in every run, and `typing` alone costs it 9 ms.
TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from get3w_testing.wired import TestEmulator as TestEmulator

__all__ = ["TestEmulator"]


def __getattr__(name: str) -> object:
    """Load the emulator when a test names it, and not before."""
    if name != "TestEmulator":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from get3w_emulator.extra import require_extra

    require_extra()
    from get3w_testing.wired import TestEmulator

    return TestEmulator
