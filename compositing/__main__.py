"""`python -m compositing`: the engine without the web."""

import sys

from compositing.cli import main

if __name__ == "__main__":
    sys.exit(main())
