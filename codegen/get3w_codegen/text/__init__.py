"""Foreign text made safe: the only place where it becomes source, Markdown, output or a name.

What comes from a list, a schema, a file name or a server is a plain `str` until a function of this
package has made it into one of a few forms, each a type of its own (`forms.py`). Templates, reports
and pages are put together of these types alone. The package imports nothing else of the project,
and decides nothing about what is said.
"""
