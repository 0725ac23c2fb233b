"""The types that generated signatures are made of: scalars, enumerations, structs and unions, and how C spells them.

Used by signatures.py and c_text.py. Everything random comes from the random.Random that the caller gives, so equal
seeds give equal types.
"""

import itertools
from dataclasses import dataclass, field

# How wide a scalar is at both i386 targets, and whether clients have it in the same form ("stable"): a union may only
# hold members that are, since nobody says which of its members is meant.
#   text with the place of the name, kind in values.h, bytes, stable
_SCALARS = """
bool %s|BOOL|1|1
_Bool %s|BOOL|1|1
char %s|CHAR|1|1
signed char %s|SCHAR|1|1
unsigned char %s|UCHAR|1|1
int8_t %s|SCHAR|1|1
uint8_t %s|UCHAR|1|1
short %s|SHORT|2|1
short int %s|SHORT|2|1
unsigned short %s|USHORT|2|1
uint16_t %s|USHORT|2|1
int16_t %s|SHORT|2|1
char16_t %s|USHORT|2|1
WORD %s|USHORT|2|1
int %s|INT|4|1
signed %s|INT|4|1
unsigned %s|UINT|4|1
unsigned int %s|UINT|4|1
int32_t %s|INT|4|1
uint32_t %s|UINT|4|1
DWORD %s|UINT|4|1
BOOL %s|INT|4|1
char32_t %s|UINT|4|1
long %s|LONG|4|0
long int %s|LONG|4|0
unsigned long %s|ULONG|4|0
long unsigned int %s|ULONG|4|0
long long %s|LLONG|8|1
long long int %s|LLONG|8|1
unsigned long long %s|ULLONG|8|1
int64_t %s|LLONG|8|1
uint64_t %s|ULLONG|8|1
size_t %s|SIZE|4|0
uintptr_t %s|SIZE|4|0
ptrdiff_t %s|SSIZE|4|0
ssize_t %s|SSIZE|4|0
wchar_t %s|WCHAR|4|0
float %s|FLOAT|4|1
double %s|DOUBLE|8|1
long double %s|LDOUBLE|12|0
void *%s|POINTER|4|0
const void *%s|POINTER|4|0
struct opaque *%s|POINTER|4|0
HANDLE %s|HANDLE|4|0
void (*%s)(void)|CODE|4|0
"""

# What `...` makes of a narrow argument; other scalars pass as they are.
_PROMOTED = {"BOOL": "int", "CHAR": "int", "SCHAR": "int", "UCHAR": "int", "SHORT": "int", "USHORT": "int",
             "FLOAT": "double"}


@dataclass(eq=False)
class Scalar:
    pattern: str
    kind: str
    size: int
    stable: bool
    number: int = 0

    def declare(self, name):
        return (self.pattern % name).strip()

    def leaves(self):
        yield "", self, 1

    def layout(self, wide):
        return self.size, min(self.size, wide) if self.size == 8 else min(self.size, 4)

    def definitions(self):
        return []


def scalars():
    made = []
    for line in _SCALARS.split("\n"):
        if line:
            pattern, kind, size, stable = line.split("|")
            made.append(Scalar(pattern, kind, int(size), stable == "1"))
    return made


@dataclass(eq=False)
class Enumeration(Scalar):
    body: str = ""

    def definitions(self):
        return [self]

    def prototype_text(self):
        return self.pattern.replace(" %s", "") + " { " + self.body + " };"

    c_text = prototype_text


@dataclass
class Field:
    name: str  # "" for an anonymous struct or union, whose members are its owner's
    type: object
    dimensions: tuple = ()

    def declare(self):
        return self.type.declare(self.name + "".join(f"[{size}]" for size in self.dimensions)) + ";"

    def count(self):
        total = 1
        for size in self.dimensions:
            total *= size
        return total

    def leaves(self):
        """(path, scalar, count): arrays of scalars are one leaf."""
        if isinstance(self.type, Scalar):
            yield self.name + "[0]" * len(self.dimensions), self.type, self.count()
            return
        for indices in itertools.product(*(range(size) for size in self.dimensions)):
            at = self.name + "".join(f"[{index}]" for index in indices)
            for path, scalar, count in self.type.leaves():
                yield (at + "." if at else "") + path, scalar, count

    def stable(self):
        return self.type.stable


@dataclass(eq=False)
class Record:
    """A struct or union. `pack` is #pragma pack's number (0: none), -1 GCC's attribute."""

    is_union: bool
    fields: list
    tag: str = ""
    typedef: str = ""
    pack: int = 0
    number: int = 0
    stable: bool = field(init=False, default=False)

    def __post_init__(self):
        stable = all(member.stable() for member in self.fields)
        self.stable = stable and self.place(4)[:2] == self.place(8)[:2]

    def keyword(self):
        return "union" if self.is_union else "struct"

    def spelled(self):
        if self.typedef:
            return self.typedef
        return f"{self.keyword()} {self.tag}" if self.tag else self.body()

    def declare(self, name):
        return (self.spelled() + " " + name).strip()

    def body(self):
        head = self.keyword() + (" " + self.tag if self.tag else "")
        text = head + " { " + " ".join(member.declare() for member in self.fields) + " }"
        return text + (" __attribute__((packed))" if self.pack == -1 else "")

    def place(self, wide):
        """Size, alignment and the fields' offsets where 64-bit scalars are aligned to `wide`."""
        at, size, alignment, offsets = 0, 0, 1, []
        for member in self.fields:
            member_size, member_alignment = member.type.layout(wide)
            if self.pack:
                member_alignment = min(member_alignment, abs(self.pack))
            at = 0 if self.is_union else -(-at // member_alignment) * member_alignment
            offsets.append(at)
            at += member_size * member.count()
            size = max(size, at)
            alignment = max(alignment, member_alignment)
        return -(-size // alignment) * alignment, offsets, alignment

    def layout(self, wide):
        size, _, alignment = self.place(wide)
        return size, alignment

    def leaves(self):
        members = self.fields
        if self.is_union:  # written and read through its largest member
            members = [max(members, key=lambda member: member.type.layout(8)[0] * member.count())]
        for member in members:
            yield from member.leaves()

    def definitions(self):
        """The records and enumerations to declare before this one is used, itself last, each once."""
        found = []
        for member in self.fields:
            found += [made for made in member.type.definitions() if made not in found]
        return found + [self] if self.tag or self.typedef else found

    def prototype_text(self):
        pack = f"__pack({self.pack}) " if self.pack > 0 else ""
        return f"typedef {self.body()} {self.typedef};" if self.typedef else f"{pack}{self.body()};"

    def c_text(self):
        text = f"typedef {self.body()} {self.typedef};" if self.typedef else f"{self.body()};"
        return f"#pragma pack(push, {self.pack})\n{text}\n#pragma pack(pop)" if self.pack > 0 else text


class TypePool:
    """Types of one run. Records are made as they are wanted and used again by later signatures."""

    MOST_LEAVES = 600

    def __init__(self, random):
        self.random = random
        self.scalars = scalars()
        self.by_text = {scalar.pattern: scalar for scalar in self.scalars}
        self.enumerations = [self._enumeration(index) for index in range(8)]
        self.records = []
        for scalar in self.scalars:
            self._add_small_ones(scalar)
        self.small = list(self.records)
        self._next_field = 0

    def all(self):
        """Every type with its number in `number`, from 1; 0 is void."""
        types = self.scalars + self.enumerations + self.records
        for number, made in enumerate(types, 1):
            made.number = number
        return types

    def promoted(self, scalar):
        return self.by_text[_PROMOTED[scalar.kind] + " %s"] if scalar.kind in _PROMOTED else scalar

    def scalar(self):
        return self.random.choice(self.enumerations if self.random.random() < 0.04 else self.scalars)

    def record(self):
        """One of those there are, or a new one."""
        if self.random.random() < 0.9:
            return self.random.choice(self.records)
        return self._new_record()

    def _enumeration(self, index):
        values = []
        for number in range(self.random.randrange(1, 6)):
            low = -(2**31) if index % 2 else 0
            value = f" = {self.random.randrange(low, 2**31)}" if self.random.random() < 0.5 else ""
            values.append(f"e{index}_{number}{value}")
        return Enumeration(f"enum e{index} %s", "INT", 4, True, body=", ".join(values))

    def _add(self, record):
        self.records.append(record)
        return record

    def _add_small_ones(self, scalar):
        """The shapes that calling conventions make exceptions for, with every scalar."""
        number = len(self.records)
        one = self._add(Record(False, [Field("a", scalar)], tag=f"r{number}"))
        self._add(Record(False, [Field("a", scalar, (2,))], tag=f"r{number + 1}"))
        self._add(Record(False, [Field("a", one)], tag=f"r{number + 2}"))
        self._add(Record(False, [Field("a", self.by_text["char %s"]), Field("b", scalar)], tag=f"r{number + 3}"))
        self._add(Record(False, [Field("a", scalar, (1,))], tag=f"r{number + 4}"))
        self._add(Record(False, [Field("a", scalar), Field("b", scalar), Field("c", self.by_text["short %s"])],
                         tag=f"r{number + 5}", pack=self.random.choice((-1, 1, 2))))
        if scalar.stable:
            self._add(Record(True, [Field("a", scalar)], tag=f"r{number + 6}"))
            self._add(Record(True, [Field("a", scalar), Field("b", self.by_text["char %s"], (scalar.size,))],
                             tag=f"r{number + 7}"))

    def _new_record(self):
        while True:
            self._next_field = 0
            record = self._random_record(0, self.random.random() < 0.15)
            if record is None or sum(1 for _ in record.leaves()) > self.MOST_LEAVES:
                continue
            name = f"r{len(self.records)}"
            if record.pack <= 0 and self.random.random() < 0.2:
                record.typedef = "t" + name
                record.tag = name if self.random.random() < 0.5 else ""
            else:
                record.tag = name
            return self._add(record)

    def _random_record(self, depth, is_union):
        """A record without a name; None where a union came out that clients have in another form."""
        # A struct that is declared inside another has no place for the pragma.
        packs = (-1, 1, 2, 4, 8) if depth == 0 else (-1,)
        pack = self.random.choice(packs) if self.random.random() < 0.15 else 0
        count = self.random.choice((1, 2, 2, 3, 3, 4, 5, 6, 8))
        # In C a pragma would hold for the structs declared inside as well; in a prototype the word does not.
        may_nest = depth < 3 and pack <= 0
        fields = [self._field(depth, is_union, may_nest) for _ in range(count)]
        if None in fields:
            return None
        record = Record(is_union, fields, pack=pack)
        return None if is_union and not record.stable else record

    def _field(self, depth, in_union, may_nest):
        self._next_field += 1
        name = f"m{self._next_field}"
        chance = self.random.random()
        if may_nest and chance < 0.08:
            inner = self._random_record(depth + 1, self.random.random() < 0.4)
            if inner is None or (in_union and not inner.stable):
                return None
            return Field(name if self.random.random() < 0.5 else "", inner)
        known = [record for record in self.records if record.stable or not in_union]
        if depth < 3 and chance < 0.3 and known:
            made = self.random.choice(known)
            return Field(name, made, self._dimensions(3) if made.layout(8)[0] < 100 else ())
        made = self.scalar()
        while in_union and not made.stable:
            made = self.scalar()
        return Field(name, made, self._dimensions(12))

    def _dimensions(self, most):
        chance = self.random.random()
        if chance < 0.75:
            return ()
        if chance < 0.94:
            return (self.random.randrange(1, most + 1),)
        if chance < 0.98:
            return (self.random.randrange(1, 4), self.random.randrange(1, 4))
        return (self.random.choice((33, 100, 257)),) if most > 3 else ()

    def huge_record(self, size):
        """One that fits no register, no line and no overflow area."""
        name = f"r{len(self.records)}"
        fields = [Field("head", self.scalar()), Field("body", self.by_text["unsigned char %s"], (size,)),
                  Field("tail", self.scalar())]
        return self._add(Record(False, fields, tag=name))
