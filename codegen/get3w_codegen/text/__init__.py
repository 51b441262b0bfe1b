"""Make foreign text safe: the only place where it becomes source, Markdown, output or a name.

Text from a list, a schema, a file name or a server is a plain `str` until a function of this
package converts it to one of a few types (`forms.py`). Templates, reports and pages are built from
these types only. The package imports nothing else of the project and does not decide what is said.
"""
