#!/usr/bin/env python3
"""Holds what src/inspect says of the dependencies of this machine's shared libraries against the real loader.

Run by ctest with the path of inspect_dump. For each library, i386 and x86_64, the loader itself is asked by its tracing
mode, which maps the libraries and runs nothing of them: which file each dependency is, and which names no library
provides. Fails on any difference, and when there was nothing to compare.
"""

import argparse
import concurrent.futures
import os
import re
import subprocess
import sys

import compare_with_tools as tools

LOADERS = {
    "i386-linux": ("/usr/lib/i386-linux-gnu", "/lib/ld-linux.so.2"),
    "x86_64-linux": ("/usr/lib/x86_64-linux-gnu", "/lib64/ld-linux-x86-64.so.2"),
}
# The loader names libraries of the system as it came to them, by way of /lib.
FOUND = re.compile(r"^\t(\S+) => (/\S+) \(0x[0-9a-f]+\)$")
ITSELF = re.compile(r"^\t(/\S+) \(0x[0-9a-f]+\)$")
NOT_FOUND = re.compile(r"^\t(\S+) => not found$")
UNDEFINED = re.compile(r"^undefined symbol: (\S+?)(?:, version (\S+))?\t\((.*)\)$|"
                       r"^symbol lookup error: (.*?): undefined symbol: (\S+?)(?:, version (\S+))?(?: \(fatal\))?$")


def ask_loader(loader, path):
    environment = {"LD_TRACE_LOADED_OBJECTS": "1", "LD_WARN": "1", "LD_BIND_NOW": "1", "LC_ALL": "C"}
    result = subprocess.run([loader, path], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            timeout=60)
    libraries, missing = {}, set()
    for line in result.stdout.decode("latin-1").split("\n"):
        if match := FOUND.match(line):
            libraries[match[1]] = os.path.realpath(match[2])
        elif match := ITSELF.match(line):
            libraries[os.path.basename(match[1])] = os.path.realpath(match[1])
        elif match := NOT_FOUND.match(line):
            libraries[match[1]] = "missing"
        elif match := UNDEFINED.match(line):
            missing.add((match[1] or match[5], match[2] or match[6] or ""))
    return libraries, missing


def our_view(lines):
    libraries, missing = {}, set()
    for line in lines:
        if line.startswith("R "):
            name, _, place = line[2:].partition(" => ")
            libraries[name] = os.path.realpath(place) if place.startswith("/") else place
        elif line.startswith("M "):
            name, _, version = line[2:].split(" by ")[0].partition("@")
            missing.add((name, version))
    return libraries, missing


def compare(path, loader, lines):
    theirs, their_missing = ask_loader(loader, path)
    ours, our_missing = our_view(lines)
    if not theirs:
        return None if ours else []
    # The loader always names itself, needed or not.
    interpreter = os.path.basename(loader)
    wrong = [f"ours: {k} => {v}" for k, v in ours.items() if theirs.get(k) != v]
    wrong += [f"loader: {k} => {v}" for k, v in theirs.items() if k not in ours and k != interpreter]
    if "missing" not in theirs.values():
        # The loader reports names of relocations; a name that is only declared is no use of it.
        wrong += [f"loader: undefined {k}" for k in their_missing - our_missing]
        wrong += [f"ours: undefined {k}" for k in our_missing - their_missing]
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", help="inspect_dump")
    options = parser.parse_args()
    total = failures = 0
    for target, (folder, loader) in LOADERS.items():
        if not os.path.exists(loader):
            continue
        paths = tools.find_files([folder + "/*.so*"], b"\x7fELF")
        facts = tools.dump([options.program, "--dependencies"], paths)
        paths = [path for path in paths if any(f.startswith(f"TARGET {target} ") for f in facts[path])]
        compared = 0
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for path, wrong in zip(paths, pool.map(lambda path: compare(path, loader, facts[path]), paths)):
                if wrong is None:
                    continue
                compared += 1
                if wrong:
                    failures += 1
                    tools.report(target, path, wrong)
        print(f"{target}: compared {compared} of {len(paths)} libraries")
        if compared < 0.9 * len(paths):
            sys.exit("the loader answered for too few of them")
        total += compared
    if total == 0:
        sys.exit("nothing was compared")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
