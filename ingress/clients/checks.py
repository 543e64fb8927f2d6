"""Runs checks and prints how many passed."""

import os
import sys
import traceback

BASE = os.environ["SEMROUTE_HTTP"]
results = []


def check(function):
    try:
        function()
    except Exception:
        traceback.print_exc()
        print("FAIL", function.__name__)
        results.append(False)
    else:
        print("ok  ", function.__name__)
        results.append(True)
    return function


def finish():
    print(f"{sum(results)}/{len(results)} passed")
    sys.exit(0 if all(results) and results else 1)
