"""Completion in bash, zsh and fish.

May import `arguments`, `package` and `_common`: no parser, no pydantic, no httpx.
"""
