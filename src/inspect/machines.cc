// Names for the numbers in file headers: processors, systems, subsystems. Pure tables; any thread.
// Sources: the System V ABI's e_machine registry and its processor supplements; Microsoft's "PE Format".
#include "inspect/formats.h"
#include "inspect/image.h"

namespace halfword::inspect {
namespace {

struct Name {
  std::uint16_t number;
  const char* name;
};

constexpr Name kPeMachines[] = {
    {0x014c, "i386"},          {0x8664, "x86_64"},  {0x01c0, "arm"},         {0x01c2, "thumb"},
    {0x01c4, "arm"},           {0xaa64, "aarch64"}, {0xa641, "arm64ec"},     {0x0200, "ia64"},
    {0x0162, "mips"},          {0x0166, "mips"},    {0x01f0, "powerpc"},     {0x01f1, "powerpc"},
    {0x0184, "alpha"},         {0x0284, "alpha64"}, {0x01a2, "sh3"},         {0x01a6, "sh4"},
    {0x5032, "riscv32"},       {0x5064, "riscv64"}, {0x6232, "loongarch32"}, {0x6264, "loongarch64"},
    {0x0ebc, "efi-byte-code"},
};

constexpr Name kElfMachines[] = {
    {2, "sparc"},      {4, "m68k"},      {8, "mips"},    {15, "hppa"}, {18, "sparc32plus"}, {20, "powerpc"},
    {21, "powerpc64"}, {22, "s390"},     {40, "arm"},    {42, "sh"},   {43, "sparc64"},     {50, "ia64"},
    {94, "xtensa"},    {183, "aarch64"}, {243, "riscv"}, {247, "bpf"}, {258, "loongarch"},  {0x9026, "alpha"},
};

constexpr Name kElfSystems[] = {
    {0, "linux"}, {1, "hpux"},    {2, "netbsd"}, {3, "linux"},    {6, "solaris"}, {7, "aix"},
    {8, "irix"},  {9, "freebsd"}, {10, "tru64"}, {12, "openbsd"}, {97, "linux"},  {255, "standalone"},
};

constexpr Name kSubsystems[] = {
    {1, "native"},
    {2, "gui"},
    {3, "console"},
    {5, "os2"},
    {7, "posix"},
    {8, "native-win9x"},
    {9, "windows-ce"},
    {10, "efi-application"},
    {11, "efi-boot-driver"},
    {12, "efi-run-time-driver"},
    {13, "efi-rom"},
    {14, "xbox"},
    {16, "boot-application"},
};

template <std::size_t size>
const char* find(const Name (&names)[size], std::uint16_t number) {
  for (const Name& name : names)
    if (name.number == number) return name.name;
  return nullptr;
}

std::string numbered(std::string_view what, std::uint16_t number) {
  std::string text = std::string(what) + " 0x";
  for (int shift = 12; shift >= 0; shift -= 4) text += "0123456789abcdef"[(number >> shift) & 15];
  return text;
}

// Where a target has two procedure call standards that cannot call each other, the name tells them apart.
std::string arm_name(std::uint32_t flags, bool big_endian) {
  constexpr std::uint32_t kHardFloat = 0x400, kSoftFloat = 0x200;  // EF_ARM_ABI_FLOAT_HARD and _SOFT
  std::string name = (flags & kHardFloat) ? "armhf" : (flags & kSoftFloat) ? "armel" : "arm";
  return big_endian ? name + "-big-endian" : name;
}

}  // namespace

void name_pe_machine(std::uint16_t machine, Image& image) {
  const char* name = find(kPeMachines, machine);
  image.machine = name ? name : numbered("machine", machine);
  image.machine_kind = image.machine == "i386"      ? Machine::i386
                       : image.machine == "x86_64"  ? Machine::x86_64
                       : image.machine == "arm"     ? Machine::arm
                       : image.machine == "aarch64" ? Machine::aarch64
                                                    : Machine::other;
  image.os = "windows";
  image.target = image.machine + "-" + image.os;
}

void name_elf_machine(std::uint16_t machine, std::uint32_t flags, bool wide, Image& image) {
  constexpr std::uint16_t kI386 = 3, kIamcu = 6, kArm = 40, kX86_64 = 62, kAarch64 = 183;
  const bool big = image.elf.big_endian;
  if (machine == kI386 || machine == kIamcu) {
    image.machine_kind = wide ? Machine::other : Machine::i386;
    image.machine = machine == kIamcu ? "iamcu" : "i386";
  } else if (machine == kX86_64) {
    // x32 has the processor's 64-bit registers and 32-bit pointers: a target of its own.
    image.machine_kind = wide ? Machine::x86_64 : Machine::other;
    image.machine = wide ? "x86_64" : "x32";
  } else if (machine == kArm) {
    image.machine_kind = big || wide ? Machine::other : Machine::arm;
    image.machine = arm_name(flags, big);
  } else if (machine == kAarch64) {
    image.machine_kind = big || !wide ? Machine::other : Machine::aarch64;
    image.machine = big ? "aarch64-big-endian" : wide ? "aarch64" : "aarch64-ilp32";
  } else {
    const char* name = find(kElfMachines, machine);
    image.machine = name ? name : numbered("machine", machine);
    constexpr std::uint16_t kMips = 8, kPowerPc64 = 21, kRiscv = 243, kLoongarch = 258;
    if (machine == kMips) image.machine += std::string(wide ? "64" : "") + (big ? "" : "el");
    if (machine == kPowerPc64 && !big) image.machine += "le";
    if (machine == kRiscv || machine == kLoongarch) image.machine += wide ? "64" : "32";
    if (machine == 22 && wide) image.machine = "s390x";
  }
  const char* system = find(kElfSystems, image.elf.os_abi);
  image.os = system ? system : numbered("system", image.elf.os_abi);
  image.target = image.machine + "-" + image.os;
}

const char* subsystem_name(std::uint16_t subsystem) {
  const char* name = find(kSubsystems, subsystem);
  return name ? name : "unknown";
}

}  // namespace halfword::inspect
