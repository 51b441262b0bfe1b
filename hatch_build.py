"""Leave out of the sdist what git does not track: notes, keys and downloads beside the sources."""

import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class TrackedOnly(BuildHookInterface[Any]):
    """Excludes untracked files; where there is no git, as in an unpacked sdist, all are ours."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling passes it
        """Add every untracked file to what is excluded."""
        if not (Path(self.root) / ".git").exists():
            return
        # Also what git ignores: hatchling reads the .gitignore at the top, git has further rules.
        command = ["git", "ls-files", "--others", "--directory", "-z"]
        listed = subprocess.run(  # noqa: S603 - the command above, with nothing from outside
            command, cwd=self.root, capture_output=True, check=True
        )
        names = listed.stdout.decode("utf-8", "surrogateescape").split("\0")
        exclude = self.build_config.target_config.setdefault("exclude", [])
        exclude += [f"/{pattern_of(name)}" for name in names if name]


def pattern_of(name: str) -> str:
    """Return a pattern of gitignore that means this file or folder alone."""
    return "".join(f"\\{letter}" if letter in "\\*?[]!# " else letter for letter in name)
