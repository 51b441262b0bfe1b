"""`python -m get3w_batch`."""

import sys

from get3w_batch.command import main

if __name__ == "__main__":
    sys.exit(main())
