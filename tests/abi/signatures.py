"""Random signatures: which types, how many, which convention, and the prototype text that a program would write.

Used by generate.py. A signature is called by the client ("call") or by the library ("callback").
"""

from dataclasses import dataclass

from c_types import Record, Scalar, TypePool

CONVENTIONS = ("cdecl", "stdcall", "fastcall", "thiscall")

# Ways to write a convention; {} is the rest of the declarator.
_SPELLINGS = {
    "cdecl": ("{}", "{}", "__cdecl {}", "__attribute__((cdecl)) {}"),
    "stdcall": ("__stdcall {}", "WINAPI {}", "CALLBACK {}", "__attribute__((stdcall)) {}", "_stdcall {}"),
    "fastcall": ("__fastcall {}", "__attribute__((fastcall)) {}", "__attribute__((__fastcall__)) {}"),
    "thiscall": ("__thiscall {}", "__attribute__((thiscall)) {}"),
}

MOST_CALL_BYTES = 96 * 1024
# Arguments of a callback travel through the lane's overflow area, which has room for this much.
MOST_CALLBACK_BYTES = 24 * 1024


@dataclass(eq=False)
class Parameter:
    written: object  # the type in the prototype
    passed: object   # the type of the value: behind `...` a char passes as an int
    name: str        # may be empty

    def text(self):
        return self.written.declare(self.name)


@dataclass(eq=False)
class Signature:
    number: int
    is_callback: bool
    convention: str
    spelling: str
    result: object  # None: void
    parameters: list
    fixed: int  # parameters before `...`; all of them where it is not variadic
    variadic: bool

    def parameter_text(self):
        texts = [parameter.text() for parameter in self.parameters]
        if self.variadic:
            texts.insert(self.fixed, "...")
        return ", ".join(texts) or "void"

    def declare(self, declarator, parameters):
        """The declaration of a function with this result: `void (*f(int))(void)` where that is a pointer to one."""
        inner = declarator + "(" + parameters + ")"
        return self.result.declare(inner) if self.result else "void " + inner

    def definitions(self):
        types = [parameter.written for parameter in self.parameters] + ([self.result] if self.result else [])
        found = []
        for made in types:
            found += [needed for needed in made.definitions() if needed not in found]
        return found

    def function_text(self, declarator):
        return self.declare(self.spelling.format(declarator), self.parameter_text())

    def prototype(self, name):
        """The whole text for hw_function_create or hw_callback_create."""
        lines = [made.prototype_text() for made in self.definitions()]
        return " ".join(lines + [self.function_text(name)])

    def caller_prototype(self):
        """Of the library's function that takes the callback and calls it."""
        lines = [made.prototype_text() for made in self.definitions()]
        pointer = self.declare("(" + self.spelling.format("*callback") + ")", self.parameter_text())
        return " ".join(lines + [f"void f{self.number}({pointer})"])


class SignatureMaker:
    def __init__(self, random):
        self.random = random
        self.pool = TypePool(random)

    def make(self, number):
        random = self.random
        is_callback = number % 4 == 3
        variadic = random.random() < 0.1
        # Compilers take the convention's word at a variadic function and use cdecl all the same.
        convention = random.choice(CONVENTIONS) if not variadic or random.random() < 0.2 else "cdecl"
        parameters = self._parameters(MOST_CALLBACK_BYTES if is_callback else MOST_CALL_BYTES)
        fixed = len(parameters)
        if variadic:
            parameters, fixed = self._with_ellipsis(parameters)
            variadic = bool(parameters)
        self._name(parameters)
        return Signature(number, is_callback, convention, random.choice(_SPELLINGS[convention]), self._result(number),
                         parameters, fixed, variadic)

    def _parameters(self, room):
        count = self.random.choice((0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 18, 20, 20))
        share_of_records = self.random.choice((0.0, 0.2, 0.4, 1.0))
        parameters = []
        for _ in range(count):
            made = self.pool.record() if self.random.random() < share_of_records else self.pool.scalar()
            if made.layout(8)[0] <= room:
                room -= made.layout(8)[0] + 4
                parameters.append(Parameter(made, made, ""))
        if parameters and self.random.random() < 0.01:
            size = self.random.choice((1000, 5000, 20000, 60000))
            if size + 40 <= room:
                made = self.pool.huge_record(size)
                parameters[self.random.randrange(len(parameters))] = Parameter(made, made, "")
        return parameters

    def _with_ellipsis(self, parameters):
        """Everything from some parameter on is variable; C wants one before it, of a type that `...` leaves alone."""
        parameters = [parameter for parameter in parameters if parameter.written.declare("") not in
                      ("wchar_t", "char16_t")]  # their promotion differs between targets
        if not parameters:
            return [], 0
        fixed = min(self.random.randrange(1, 4), len(parameters))
        for parameter in parameters[fixed:]:
            if isinstance(parameter.written, Scalar):
                parameter.passed = self.pool.promoted(parameter.written)
        if isinstance(parameters[fixed - 1].written, Scalar):
            last = self.pool.promoted(parameters[fixed - 1].written)
            parameters[fixed - 1] = Parameter(last, last, "")
        return parameters, fixed

    def _name(self, parameters):
        if self.random.random() < 0.7:
            for index, parameter in enumerate(parameters):
                parameter.name = f"p{index}"

    def _result(self, number):
        chance = self.random.random()
        if chance < 0.05:
            return None
        if chance < 0.45:
            return self.pool.scalar()
        if chance < 0.8:  # each of the exceptions in turn
            return self.pool.small[number % len(self.pool.small)]
        result = self.pool.record()
        assert isinstance(result, Record)
        return result
