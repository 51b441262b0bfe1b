"""Outputs and predictions as HTML for notebooks. Nothing is fetched; the browser shows the URLs."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from get3w_core.errors.printable import escaped, printable

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONGEST_TEXT: Final = 10_000
_PLAYERS: Final = {
    "image": '<img src="{url}" referrerpolicy="no-referrer" loading="lazy" alt="Output {index}"'
    ' style="max-width: 100%; max-height: 512px">',
    "video": '<video src="{url}" controls preload="metadata"'
    ' style="max-width: 100%; max-height: 512px"></video>',
    "audio": '<audio src="{url}" controls preload="metadata"></audio>',
}


def html_of_file(url: str, kind: str, media_type: str | None, index: int) -> str:
    """Return a file as HTML: a picture, a player, or a link."""
    player = _PLAYERS.get(kind)
    if player is not None:
        return player.format(url=escape(url), index=index)
    if not url.lower().startswith(("http://", "https://")):
        return f"<p>Output {index}: {escape(printable(media_type or 'data'))}</p>"
    name = escape(escaped(url.partition("?")[0]))
    link = f'<a href="{escape(url)}" rel="noopener noreferrer" target="_blank">{name}</a>'
    return f"<p>{link}</p>"


def html_of_text(text: str) -> str:
    """Return a text as HTML."""
    shown = escaped(text[:_LONGEST_TEXT]) + ("..." if len(text) > _LONGEST_TEXT else "")
    return f'<pre style="white-space: pre-wrap">{escape(shown)}</pre>'


def html_of_facts(facts: Iterable[tuple[str, str]]) -> str:
    """Return a line of names and values as HTML."""
    shown = (f"{escape(name)} <code>{escape(printable(value))}</code>" for name, value in facts)
    return f"<div>{' &middot; '.join(shown)}</div>"
