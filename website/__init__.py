"""Build the documentation as a site: `make docs`.

The pages are ordinary Markdown: those of `docs/`, one for each model, and one for each part of the
public interface, the latter two written here. What is in a page is written by none of the packages
that are installed, so this one may import all of them; none may import it, and it is not shipped.
"""
