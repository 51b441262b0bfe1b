"""Text that means harm to whoever reads, renders, prints or runs it, for Hypothesis to combine."""

from hypothesis import strategies as st

PIECES = [
    ">>> import os", ">>>import os", "... more", "\n>>> x\n", "a >>> b", "`a >>> b`", "In [1]: x",
    ".. include:: /etc/passwd", ".. raw:: html", "..", ".. _a: javascript:alert(1)",
    "__ javascript:alert(1)", "`a <javascript:alert(1)>`_", "`a <javascript:alert(1)>`__",
    "a_ b__", ":download:`/etc/passwd`", "`/etc/passwd`:download:", ":raw-html:`<b>`",
    ":param x: y", "{include}`/etc/passwd`", "::: os", ";--8<-- \"/etc/passwd\"", "--8<-- 'x'",
    "|version|", "::", '"""', "'''", '\\"""', "\\", "\\\\", "\\`", "\\<b>", "`", "``", "```",
    "````python", "~~~~", "`a", "<script>alert(1)</script>",
    "<img src=x onerror=alert(1) alt='a long text to say nothing'>", "`<script>`", "`x <script>`",
    "<!-- ", "-->", "<?x", "<a href='javascript:alert(1)'>x</a>", "</p>",
    "[x](javascript:alert(1))", "[x](javascript&#58;alert(1))", "[x]: javascript:alert(1)",
    "![x](y)", "<javascript:alert(1)>", "javascript:alert(1)", "[x][y]", "[[x]]",
    "https://a.example/b_", "www.a.example", "# Heading", "#", "Heading\n=======", "-------",
    "***", "___", "- item", "> quote", "1. item", "| a | b |\n|---|---|", "|", "\\|", "@octocat",
    "@org/team", "#123", "GH-12", "a/b#7", "https://github.com/a/b/issues/1", "a" * 40, "Args:",
    "Returns:", "Example::", "\u202e\u2066", "\u200b", "\u200f", "\xad", "\ufeff", "\u2028",
    "\u2029", "\x85", "\x0b\x0c", "\x00", "\x07", "\x1b[31m", "\x1b]0;title\x07", "\x9b31m", "\r",
    "\t", "\ud800", "\udfff\ud800", "::set-output name=x::y", "::add-mask::x",
    "::stop-commands::x", "##[error]x", "%0A::error::x", "\n::error::x", " ::error::x",
    "x" * 3000, "\u05d0\u05d1", "\U0001f600", "\U000e0041",
]  # fmt: skip  # a table reads better in rows

TEXT = st.lists(
    st.sampled_from(PIECES)
    | st.sampled_from([" ", "\n", "", "\n\n", "word"])
    | st.text(max_size=8),
    max_size=6,
).map("".join)
