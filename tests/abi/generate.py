#!/usr/bin/env python3
"""Writes C functions with random signatures, a program that calls them natively, and the same calls as prototypes.

    generate.py --seed 1 --count 4000 --parts 8 OUTPUT

Three quarters of the signatures are called by the client, one quarter by the library (callbacks). Equal arguments give
equal files, on every machine; what is already right is not written again.
"""

import argparse
import pathlib
import random

from c_text import Writer
from signatures import SignatureMaker


def write_if_new(path, text):
    if path.is_file() and path.read_text(encoding="ascii") == text:
        return
    path.write_text(text, encoding="ascii")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=4000, help="signatures, at least 1")
    parser.add_argument("--parts", type=int, default=8, help="C files that the functions are spread over")
    parser.add_argument("output", type=pathlib.Path, metavar="OUTPUT", help="folder, made if it is not there")
    arguments = parser.parse_args()
    if arguments.count < 1 or arguments.parts < 1 or arguments.seed < 0:
        parser.error("--count and --parts must be at least 1, --seed at least 0")
    maker = SignatureMaker(random.Random(arguments.seed))
    signatures = [maker.make(number) for number in range(arguments.count)]
    writer = Writer(arguments.seed, arguments.count, maker.pool.all(), signatures, arguments.parts)
    arguments.output.mkdir(parents=True, exist_ok=True)
    for name, text in writer.files():
        write_if_new(arguments.output / name, text)


if __name__ == "__main__":
    main()
