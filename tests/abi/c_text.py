"""C sources and tables for generated signatures. Used by generate.py.

abi_types.h, abi_types.c   the types, and where the values in each lie: compiled by every target, the client's too
abi_functions.h            the library's functions, as the program that calls them natively sees them
abi_functions_N.c          the library
abi_calls_N.c              the same calls by the native program, and its callbacks
cases.txt                  prototypes and types of every call, for the test
"""

from c_types import Record, Scalar

_FIRST_LINE = "/* Made by tests/abi/generate.py with --seed {} --count {}. */\n"


class Writer:
    def __init__(self, seed, count, types, signatures, parts):
        self.first_line = _FIRST_LINE.format(seed, count)
        self.seed, self.count = seed, count
        self.types, self.signatures, self.parts = types, signatures, parts

    def files(self):
        """(name, text) of every file."""
        yield "abi_types.h", self.types_header()
        yield "abi_types.c", self.types_source()
        yield "abi_functions.h", self.functions_header()
        yield "abi_calls.c", self.table_of_calls()
        yield "cases.txt", self.cases()
        for part in range(self.parts):
            mine = self.signatures[part * self.count // self.parts:(part + 1) * self.count // self.parts]
            yield f"abi_functions_{part}.c", self.source(mine, "library/library.h", library_function)
            yield f"abi_calls_{part}.c", self.source(mine, "library/native.h", native_call)

    # ---- types ----

    def types_header(self):
        lines = [self.first_line, "#ifndef ABI_TYPES_H", "#define ABI_TYPES_H", '#include "tables.h"']
        lines += [made.c_text() for made in self.types if not isinstance(made, Scalar) or made.definitions()]
        return "\n".join(lines + ["#endif", ""])

    def types_source(self):
        lines = [self.first_line + '#include "abi_types.h"']
        entries = ["    {0, 0, 0, 0},"]
        for made in self.types:
            name = made.declare("")
            leaves = [f"{{ABI_{scalar.kind}, {offset(made, path)}, {count}}}" for path, scalar, count in made.leaves()]
            lines.append(f"static const AbiLeaf leaves_{made.number}[] = {{{', '.join(leaves)}}};")
            entries.append(f"    {{leaves_{made.number}, {len(leaves)}, sizeof({name}), {alignment(made)}}},")
        lines += ["const AbiType abi_types[] = {"] + entries + ["};"]
        lines += [f"const uint32_t abi_type_count = {len(self.types) + 1};"]
        lines += [f"const uint64_t abi_seed = {self.seed};", f"const uint32_t abi_case_count = {self.count};", ""]
        return "\n".join(lines)

    # ---- functions ----

    def functions_header(self):
        lines = [self.first_line + "#ifndef ABI_FUNCTIONS_H", "#define ABI_FUNCTIONS_H", '#include "abi_types.h"']
        for signature in self.signatures:
            if signature.is_callback:
                pointer = "(" + convention(signature) + f"*c{signature.number})"
                lines.append("typedef " + c_function(signature, pointer) + ";")
                lines.append(f"void f{signature.number}(c{signature.number} callback);")
            else:
                lines.append(convention(signature) + c_function(signature, f"f{signature.number}") + ";")
        return "\n".join(lines + ["#endif", ""])

    def source(self, signatures, header, body):
        lines = [self.first_line + '#include "abi_functions.h"', f'#include "{header}"', ""]
        for signature in signatures:
            lines += body(signature) + [""]
        return "\n".join(lines)

    def table_of_calls(self):
        lines = [self.first_line + '#include "library/native.h"', ""]
        lines += [f"void n{signature.number}(void);" for signature in self.signatures]
        lines.append("void (*const abi_native_calls[])(void) = {")
        lines += [f"    n{signature.number}," for signature in self.signatures]
        return "\n".join(lines + ["};", ""])

    # ---- the test's table ----

    def cases(self):
        lines = [f"seed {self.seed} count {self.count} types {len(self.types) + 1}"]
        for signature in self.signatures:
            kind = "callback" if signature.is_callback else "call"
            numbers = [number_of(signature.result)] + [parameter.passed.number for parameter in signature.parameters]
            lines.append(f"{signature.number} {kind} " + " ".join(map(str, numbers)))
            if signature.is_callback:
                lines.append(signature.caller_prototype())
                lines.append(signature.prototype(signature.number % 2 and "callback" or ""))
            else:
                lines.append(signature.prototype(f"f{signature.number}"))
        return "\n".join(lines + [""])


def number_of(made):
    return made.number if made else 0


def offset(made, path):
    return f"offsetof({made.declare('')}, {path})" if path else "0"


def alignment(made):
    # GCC's _Alignof of a bare double is what it likes best, not what a struct gives it.
    name = made.spelled() if isinstance(made, Record) else None
    if name:
        return f"_Alignof({name})"
    return f"offsetof(struct {{ char c; {made.declare('x')}; }}, x)"


def convention(signature):
    # Where there is an ellipsis GCC ignores the attribute, and warns.
    return "" if signature.variadic else f"__attribute__(({signature.convention})) "


def c_function(signature, declarator):
    texts = [parameter.written.declare(f"a{index}") for index, parameter in enumerate(signature.parameters)]
    if signature.variadic:
        texts = texts[:signature.fixed] + ["..."]
    return signature.declare(declarator, ", ".join(texts) or "void")


def declare_passed(signature, first=0):
    return [f"  {parameter.passed.declare(f'a{index}')};"
            for index, parameter in enumerate(signature.parameters) if index >= first]


def fill_passed(signature, side):
    return [f"  {side}_fill({parameter.passed.number}, (void*)&a{index});"
            for index, parameter in enumerate(signature.parameters)]


def see_passed(signature, side):
    return [f"  {side}_see({parameter.passed.number}, (const void*)&a{index});"
            for index, parameter in enumerate(signature.parameters)]


def take_variable(signature):
    """Reads what stands behind the ellipsis."""
    if not signature.variadic:
        return []
    lines = ["  va_list list;", f"  va_start(list, a{signature.fixed - 1});"]
    for index, parameter in enumerate(signature.parameters):
        if index >= signature.fixed:
            name = parameter.passed.declare("")
            lines.append(f"  a{index} = va_arg(list, {name});")
    return lines + ["  va_end(list);"]


def give_result(signature, side):
    if not signature.result:
        return []
    return [f"  {side}_give({signature.result.number}, (void*)&result);", "  return result;"]


def declare_result(signature):
    return [f"  {signature.result.declare('result')};"] if signature.result else []


def callee(signature, name, side):
    """A function that looks at its arguments and returns the result that its number stands for."""
    first = signature.fixed if signature.variadic else len(signature.parameters)
    head = convention(signature) + c_function(signature, name) + " {"
    return ([head] + declare_result(signature) + declare_passed(signature, first) +
            [f"  {side}_enter({signature.number}, __builtin_frame_address(0));"] + take_variable(signature) +
            see_passed(signature, side) + give_result(signature, side) + ["}"])


def caller(signature, head, side, function):
    """A function that makes the call with the arguments that its number stands for, and looks at the result."""
    arguments = ", ".join(f"a{index}" for index in range(len(signature.parameters)))
    assign = "result = " if signature.result else ""
    look = [f"  {side}_receive({signature.result.number}, (const void*)&result);"] if signature.result else []
    return ([head + " {"] + declare_passed(signature) + declare_result(signature) +
            [f"  {side}_begin({signature.number});"] + fill_passed(signature, side) +
            [f"  {assign}{function}({arguments});", f"  {side}_returned({signature.number});"] + look + ["}"])


def library_function(signature):
    number = signature.number
    if signature.is_callback:
        return caller(signature, f"void f{number}(c{number} callback)", "library", "callback")
    return callee(signature, f"f{number}", "library")


def native_call(signature):
    number = signature.number
    if signature.is_callback:
        name = f"native_{number}"
        return (["static"] + callee(signature, name, "native") +
                [f"void n{number}(void) {{", f"  f{number}({name});", "}"])
    return caller(signature, f"void n{number}(void)", "native", f"f{number}")
