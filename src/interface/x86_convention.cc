// Calling conventions of i386. Sources:
// - System V i386 psABI 1.1, section 2.2: arguments are pushed in whole words, structs too, aligned to 4; structs and
//   unions of any size are returned through a hidden first argument, which the callee removes (`ret $4`).
// - Microsoft, "Calling Conventions" (x86) and "Argument Passing and Naming Conventions": stdcall, fastcall and
// thiscall
//   callees remove their arguments; structs of 1, 2, 4 and 8 bytes are returned in eax or edx:eax.
// - GCC 12, gcc/config/i386/i386.cc (function_arg_32, function_arg_advance_32, ix86_return_pops_args,
//   return_in_memory_32) and gcc/stor-layout.cc (compute_record_mode), for what follows from "machine modes": a struct
//   whose only field is a float counts as that float. Also for mingw-w64.
// - Clang 19 for i686-pc-windows-msvc (clang/lib/CodeGen/Targets/X86.cpp), for what Microsoft does not write down.
// convention_test compares all of this with what GCC for both targets does.
#include "interface/x86_convention.h"

#include <algorithm>

#include "interface/layout.h"

namespace halfword::model {
namespace {

/// GCC's machine modes, as far as conventions depend on them.
enum class Mode { block, integer, float32, float64, x87 };

Mode integer_mode(std::uint64_t size) {
  return size == 1 || size == 2 || size == 4 || size == 8 ? Mode::integer : Mode::block;
}

Mode mode_of(const Type& type, Target target);

Mode mode_of(const Record& record, Target target) {
  const RecordLayout& layout = record.layouts[static_cast<std::size_t>(target)];
  Mode whole = Mode::block;
  for (const Field& field : record.fields) {
    const Mode mode = mode_of(*field.type, target);
    if (mode == Mode::block) return Mode::block;
    const std::uint64_t bits = field.is_bit_field ? field.bits : layout_of(*field.type, target)->size * 8;
    if (bits == layout.size * 8) whole = mode;
  }
  return !record.is_union && whole != Mode::block ? whole : integer_mode(layout.size);
}

Mode mode_of(const Type& type, Target target) {
  switch (type.kind) {
    case Kind::scalar:
      if (type.scalar == Scalar::float_) return Mode::float32;
      if (type.scalar == Scalar::double_) return Mode::float64;
      if (type.scalar == Scalar::long_double)
        return rules(target).long_double_format == FloatFormat::x87 ? Mode::x87 : Mode::float64;
      return Mode::integer;
    case Kind::array: {
      const Mode element = mode_of(*type.element, target);
      if (element == Mode::block || type.count == 1) return element;
      return integer_mode(layout_of(type, target)->size);
    }
    case Kind::record:
      return mode_of(*type.record, target);
    default:
      return Mode::integer;
  }
}

class X86Layouter {
 public:
  X86Layouter(const Signature& signature, Target target)
      : signature_(signature), target_(target), microsoft_(rules(target).microsoft) {
    const Convention convention = signature.convention;
    frame_.registers = convention == Convention::fastcall_call || convention == Convention::thiscall_call;
    registers_ = convention == Convention::fastcall_call ? 2 : convention == Convention::thiscall_call ? 1 : 0;
    free_registers_ = registers_;
    at_ = frame_.registers ? 2 : 0;
  }

  Result<X86Frame> run() {
    place_result();
    // Microsoft's compiler passes the hidden pointer on the stack, behind `this`; GCC treats it as the first argument.
    if (frame_.result == ResultPlace::memory && !microsoft_) frame_.hidden = place_integer(1);
    if (frame_.result == ResultPlace::memory && microsoft_) frame_.hidden = static_cast<std::uint32_t>(at_++);
    for (const Value& value : signature_.parameters) {
      const auto layout = layout_of(*value.type, target_);
      if (!layout)
        return fail(ErrorCode::unsupported,
                    "parameter " + value.name + " has no size at " + std::string(rules(target_).name));
      frame_.words.push_back(place(*value.type, (layout->size + 3) / 4));
      if (at_ * 4 > kMaxFrameBytes)
        return fail(ErrorCode::unsupported,
                    "the arguments have more than " + std::to_string(kMaxFrameBytes >> 20) + " MiB");
    }
    frame_.word_count = static_cast<std::uint32_t>(at_);
    frame_.stack_bytes = (frame_.word_count - (frame_.registers ? 2 : 0)) * 4;
    if (signature_.convention != Convention::cdecl_call)
      frame_.callee_removes = frame_.stack_bytes;
    else if (frame_.hidden && !rules(target_).windows)
      frame_.callee_removes = 4;
    return std::move(frame_);
  }

 private:
  void place_result() {
    const Type& type = *signature_.result.type;
    if (type.kind == Kind::void_type) return;
    const Mode mode = mode_of(type, target_);
    const bool is_float = mode == Mode::float32 || mode == Mode::float64 || mode == Mode::x87;
    if (type.kind != Kind::record) {
      frame_.result = is_float ? ResultPlace::x87 : ResultPlace::registers;
      return;
    }
    const std::uint64_t size = layout_of(type, target_)->size;
    frame_.result = ResultPlace::memory;
    if (!rules(target_).windows) return;
    if (microsoft_) {
      // A member function returns every struct through the hidden pointer.
      if (integer_mode(size) == Mode::integer && signature_.convention != Convention::thiscall_call)
        frame_.result = ResultPlace::registers;
    } else if (is_float) {
      frame_.result = mode == Mode::x87 ? ResultPlace::x87 : ResultPlace::x87_or_eax;
    } else if (mode == Mode::integer) {
      frame_.result = ResultPlace::registers;
    }
  }

  std::uint32_t place(const Type& type, std::uint64_t words) {
    const Mode mode = mode_of(type, target_);
    const bool is_float = mode == Mode::float32 || mode == Mode::float64 || mode == Mode::x87;
    if (!is_float) {
      if (type.kind != Kind::record && words == 1) return place_integer(words);
      // GCC lets wide integers and structs use registers up without being in them.
      if (!microsoft_) take_registers(words);
    }
    return place_on_stack(words);
  }

  std::uint32_t place_integer(std::uint64_t words) {
    if (free_registers_ == 0) return place_on_stack(words);
    return static_cast<std::uint32_t>(registers_ - free_registers_--);
  }

  std::uint32_t place_on_stack(std::uint64_t words) {
    const std::uint64_t word = at_;
    at_ += words;
    return static_cast<std::uint32_t>(word);
  }

  void take_registers(std::uint64_t count) { free_registers_ -= std::min(free_registers_, count); }

  const Signature& signature_;
  Target target_;
  bool microsoft_;
  X86Frame frame_;
  std::uint64_t at_ = 0;
  std::uint64_t registers_ = 0;
  std::uint64_t free_registers_ = 0;
};

}  // namespace

Result<X86Frame> lay_out_x86_frame(const Signature& signature, Target target) {
  if (signature.result.type->kind != Kind::void_type && !layout_of(*signature.result.type, target))
    return fail(ErrorCode::unsupported, "the result has no size at " + std::string(rules(target).name));
  return X86Layouter(signature, target).run();
}

}  // namespace halfword::model
