"""`python -m compositing.training`."""

import sys

from compositing.training.train import main

if __name__ == "__main__":
    sys.exit(main())
