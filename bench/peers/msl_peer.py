"""peer.msl: msl-loadlib's own example, Cpp64().add(1, 2), through the 32-bit program that its package carries.

Started by the benchmark as a measured program (see measured_program.h), with the Python of a virtual environment in
which scripts/bench has installed the package named in requirements.txt.
"""

import os
import sys
import time

# The package and what it starts may print; only the answers belong on the pipe.
answers = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)

from msl.examples.loadlib import Cpp64  # noqa: E402  (after the redirection)


def measure(library, iterations, batch):
    samples = []
    for _ in range(iterations // batch):
        start = time.perf_counter_ns()
        for _ in range(batch):
            if library.add(1, 2) != 3:
                raise ArithmeticError("1 + 2 is not 3")
        samples.append((time.perf_counter_ns() - start) / batch)
    return samples


def main():
    library = Cpp64()
    try:
        print("ready", file=answers)
        for line in sys.stdin:
            iterations, batch = map(int, line.split())
            samples = measure(library, iterations, batch)
            print("ok", *(f"{sample:.2f}" for sample in samples), file=answers)
    finally:
        library.shutdown_server32()


main()
