#!/usr/bin/env python3
"""Holds what src/inspect reads in every library of this machine against what the binutils and LLVM see.

Run by ctest with the path of inspect_dump. ELF files are compared with readelf (names, versions, types, addresses,
sizes, dependencies, search paths), PE files with llvm-readobj (exports, forwarders, imports, hints, delayed imports) and
with objdump (every name of the export table, of which llvm-readobj shows one for each function). Fails on any
difference, and when there was nothing to compare.
"""

import argparse
import collections
import concurrent.futures
import glob
import os
import re
import shutil
import subprocess
import sys

PE_FOLDERS = [
    "/usr/lib/*-linux-gnu/wine/*-windows",
    "/usr/lib/wine/*-windows",
    "/usr/*-w64-mingw32/lib",
    "/usr/*-w64-mingw32/bin",
    "/usr/lib/gcc/*-w64-mingw32/*",
]
ELF_PATTERNS = ["/usr/lib/i386-linux-gnu/*.so*", "/usr/lib/x86_64-linux-gnu/*.so*", "/usr/lib/*-linux-gnu/wine/*-unix/*.so"]
BATCH = 40


def starts_with(path, magic):
    try:
        with open(path, "rb") as file:
            return file.read(len(magic)) == magic
    except OSError:
        return False


def find_files(patterns, magic):
    found = {}
    for pattern in patterns:
        for path in sorted(glob.glob(pattern)):
            real = os.path.realpath(path)
            if os.path.isfile(real) and starts_with(real, magic):
                found[real] = None
    return list(found)


def run(command, **options):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=300, **options)


def dump(command, paths):
    """What inspect_dump says: path -> list of lines."""
    result = run(command, input="\n".join(paths).encode() + b"\n")
    if result.returncode != 0:
        sys.exit(f"inspect_dump ended with {result.returncode}")
    facts = {}
    for line in result.stdout.decode("latin-1").split("\n"):
        if line.startswith("F "):
            lines = facts[line[2:]] = []
        elif line:
            lines.append(line)
    return facts


# ---------------------------------------------------------------------------------------------------------------- ELF

ELF_TYPES = {
    "FUNC": "function",
    "OBJECT": "data",
    "COMMON": "data",
    "TLS": "thread_local_data",
    "IFUNC": "indirect_function",
}
DYNAMIC = re.compile(r"\((NEEDED|SONAME|RPATH|RUNPATH)\).*?\[(.*)\]")


def elf_symbol(line):
    # So shown where the file does not say that it is for GNU systems.
    fields = line.replace("<OS specific>: 10", "UNIQUE").split(None, 7)
    if len(fields) < 8 or not fields[0].endswith(":") or not fields[0][:-1].isdigit():
        return None
    _, value, size, kind, binding, visibility, section, name = fields
    # Undefined names carry the number of their version behind them.
    name = name.split(" ")[0]
    if binding not in ("GLOBAL", "WEAK", "UNIQUE") or kind in ("SECTION", "FILE"):
        return None
    if section == "UND":
        return f"U {name} {'WEAK' if binding == 'WEAK' else 'GLOBAL'}"
    # The linker marks each version by a symbol of its name, which readelf shows without the version.
    marks_version = section == "ABS" and kind == "OBJECT" and int(value, 16) == int(size, 0) == 0 and "@" not in name
    if visibility not in ("DEFAULT", "PROTECTED") or marks_version:
        return None
    return f"S {name} {ELF_TYPES.get(kind, 'unknown')} {int(value, 16):x} {int(size, 0)}"


def readelf(paths):
    facts = {}
    output = run(["readelf", "-W", "-h", "-d", "--dyn-syms", *paths]).stdout.decode("latin-1")
    for part in output.split("\nFile: ")[1:] if len(paths) > 1 else [paths[0] + "\n" + output]:
        path, _, body = part.partition("\n")
        lines = facts[path] = []
        for line in body.split("\n"):
            tag = DYNAMIC.search(line)
            if tag:
                kind, value = tag.groups()
                lines += [f"{'N' if kind == 'NEEDED' else kind} {item}" for item in
                          (value.split(":") if "PATH" in kind else [value])]
            elif line.startswith("  Class:"):
                lines.append("BITS " + line.split("ELF")[1])
            elif line.startswith(" "):
                symbol = elf_symbol(line)
                if symbol:
                    lines.append(symbol)
    return facts


def our_elf_lines(lines):
    for line in lines:
        if line.startswith("TARGET "):
            yield "BITS " + line.split()[2]
        elif line != "SONAME ":
            yield line


# ----------------------------------------------------------------------------------------------------------------- PE


def readobj_raw(tool, paths):
    """llvm-readobj ends at the first file that it cannot read, so a batch that fails is halved."""
    result = run([tool, "--coff-exports", "--coff-imports", *paths])
    if result.returncode == 0:
        return result.stdout.decode("latin-1")
    if len(paths) == 1:
        return ""
    middle = len(paths) // 2
    return readobj_raw(tool, paths[:middle]) + readobj_raw(tool, paths[middle:])


def readobj(tool, paths):
    facts = {}
    block, fields, name = "", {}, ""
    for line in readobj_raw(tool, paths).split("\n"):
        text = line.strip()
        if text.startswith("File: "):
            lines = facts[text[6:]] = []
        elif text.endswith("{"):
            block, fields = text[:-2], {}
        elif text == "}":
            if block == "Export":
                lines.append((int(fields["Ordinal"]), fields.get("RVA", "0x0"), fields["Name"],
                              fields.get("ForwardedTo", "")))
            block = ""
        elif block in ("Import", "DelayImport"):
            key, _, value = text.partition(": ")
            letter = "D" if block == "DelayImport" else "I"
            if key == "Name":
                name = value
                lines.append(f"{letter} {name}")
            elif key == "Symbol":
                lines.append(f"{letter} {name} {value}")
        elif block == "Export":
            key, _, value = text.partition(":")
            fields[key] = value.strip()
    return facts


NAME = re.compile(r"^\t\[ *(\d+)\] (.*)$")


def objdump_names(paths):
    """Every name of the export tables with its ordinal."""
    facts = {}
    output = run(["objdump", "-p", *paths]).stdout.decode("latin-1")
    for part in re.split(r"\n(?=\S[^\n]*:     file format pei?-)", "\n" + output)[1:]:
        path = part[:part.index(":     file format")]
        names = facts[path] = collections.Counter()
        base = re.search(r"^Ordinal Base \t\t\t(\d+)$", part, re.M)
        start = part.find("[Ordinal/Name Pointer] Table")
        if not base or start < 0:
            continue
        for line in part[start:part.find("\n\n", start)].split("\n")[1:]:
            match = NAME.match(line)
            if match:
                names[(int(match.group(1)) + int(base.group(1)), match.group(2))] += 1
    return facts


def split_pe(lines):
    exports, rest = [], []
    for line in lines:
        if line.startswith("E "):
            _, ordinal, address, name, forwarder = line.split(" ", 4)
            exports.append((int(ordinal), address, name, forwarder))
        elif not line.startswith(("TARGET ", "NOTE ")):
            rest.append(line)
    return exports, rest


def compare_exports(ours, theirs, names):
    """llvm-readobj names one export of each function; objdump lists the names alone."""
    # A table entry without an address exports nothing: GetProcAddress gives nothing for it.
    theirs = [e for e in theirs if e[3] or e[1] != "0x0"]
    theirs_named = {(o, a, n, f) for o, a, n, f in theirs}
    ours_set = set(ours)
    wrong = [f"tools: {e}" for e in theirs_named - ours_set]
    wrong += [f"ours: {e}" for e in ours_set if e[0] not in {t[0] for t in theirs}]
    live = {t[0] for t in theirs}
    named = collections.Counter((o, n) for o, _, n, _ in ours if n)
    wanted = collections.Counter({k: v for k, v in names.items() if k[0] in live})
    wrong += [f"tools: name {k}" for k in wanted - named] + [f"ours: name {k}" for k in named - wanted]
    return wrong


# ---------------------------------------------------------------------------------------------------------------- all


def in_batches(pool, paths, function):
    batches = [paths[i:i + BATCH] for i in range(0, len(paths), BATCH)]
    result = {}
    for facts in pool.map(function, batches):
        result.update(facts)
    return result


def report(kind, path, wrong):
    print(f"{kind}: {path}: {len(wrong)} differences")
    for line in wrong[:5]:
        print("   ", line[:200])


def compare_elf(pool, program, paths):
    theirs = in_batches(pool, paths, readelf)
    ours = dump([program], paths)
    compared = failures = facts = 0
    for path in paths:
        if path not in theirs or not theirs[path]:
            continue
        left = collections.Counter(our_elf_lines(ours[path]))
        right = collections.Counter(theirs[path])
        facts += sum(right.values())
        compared += 1
        if left != right:
            failures += 1
            report("ELF", path, [f"ours: {x}" for x in left - right] + [f"tools: {x}" for x in right - left])
    return compared, failures, facts


def compare_pe(pool, program, tool, paths):
    theirs = in_batches(pool, paths, lambda batch: readobj(tool, batch))
    names = in_batches(pool, paths, objdump_names)
    ours = dump([program], paths)
    compared = failures = facts = 0
    for path in paths:
        if path not in theirs:
            continue
        exports, imports = split_pe(ours[path])
        their_exports = [e for e in theirs[path] if isinstance(e, tuple)]
        their_imports = collections.Counter(e for e in theirs[path] if isinstance(e, str))
        left = collections.Counter(imports)
        wrong = [f"ours: {x}" for x in left - their_imports] + [f"tools: {x}" for x in their_imports - left]
        wrong += compare_exports(exports, their_exports, names.get(path, {}))
        facts += len(their_exports) + sum(their_imports.values())
        compared += 1
        if wrong:
            failures += 1
            report("PE", path, wrong)
    return compared, failures, facts


def find_readobj():
    for name in ("llvm-readobj-19", "llvm-readobj", "llvm-readobj-14"):
        if shutil.which(name):
            return name
    sys.exit("llvm-readobj is missing; scripts/setup installs it")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", help="inspect_dump")
    parser.add_argument("--extra", action="append", default=[], help="a pattern of further files")
    options = parser.parse_args()
    tool = find_readobj()
    elf = find_files(ELF_PATTERNS + options.extra, b"\x7fELF")
    pe = find_files([folder + "/*" for folder in PE_FOLDERS] + options.extra, b"MZ")
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        elf_result = compare_elf(pool, options.program, elf)
        pe_result = compare_pe(pool, options.program, tool, pe)
    for kind, files, (compared, failures, facts) in (("ELF", elf, elf_result), ("PE", pe, pe_result)):
        print(f"{kind}: compared {compared} of {len(files)} files, {facts} facts, {failures} files differ")
    if elf_result[0] == 0 or pe_result[0] == 0:
        sys.exit("nothing was compared")
    # A tool that gives up on many files would hide what the readers get wrong.
    if elf_result[0] < 0.95 * len(elf) or pe_result[0] < 0.95 * len(pe):
        sys.exit("the tools could read too few of the files")
    sys.exit(1 if elf_result[1] or pe_result[1] else 0)


if __name__ == "__main__":
    main()
