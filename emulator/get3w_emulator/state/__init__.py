"""Everything an emulator holds: predictions, account, uploads, webhooks, and the state file.

Imports `media`, `faults`, `settings` and below. Knows nothing of HTTP requests.
"""
