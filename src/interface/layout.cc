// How compilers lay out records. Sources: System V i386 psABI 1.1, "Aggregates and Unions" and "Bit-Fields"; AMD64
// psABI 1.0, section 3.1.2; for Windows Microsoft's "C Bit Fields" and "x64 type and storage layout", in the
// form in which GCC documents and follows them (-mms-bitfields). layout_check compares all of this with the compilers.
#include "interface/layout.h"

#include <algorithm>

namespace halfword::model {
namespace {

constexpr std::uint64_t round_up(std::uint64_t value, std::uint64_t to) { return (value + to - 1) / to * to; }

/// One pass over the fields of a record at one target.
class RecordLayouter {
 public:
  RecordLayouter(const Record& record, Target target) : record_(record), target_(target) {}

  bool run(RecordLayout& out) {
    for (const Field& field : record_.fields) {
      const auto layout = layout_of(*field.type, target_);
      if (!layout) return false;
      if (record_.is_union) start_union_member();
      const std::uint64_t at = field.is_bit_field ? place_bits(field, *layout) : place(*layout);
      out.bit_offsets.push_back(at);
      largest_ = std::max(largest_, position_ + unit_left_);
      if (largest_ > kMaxTypeSize * 8) return false;
    }
    out.alignment = alignment_;
    out.size = round_up((largest_ + 7) / 8, alignment_);
    out.known = true;
    return out.size != 0;
  }

 private:
  void start_union_member() {
    position_ = 0;
    unit_left_ = 0;
    unit_size_ = 0;
  }

  std::uint32_t limited(std::uint32_t alignment) const {
    if (record_.packed) return 1;
    return record_.pack == 0 ? alignment : std::min(alignment, record_.pack);
  }

  std::uint64_t place(const Layout& layout) {
    end_unit();
    const std::uint32_t alignment = limited(layout.alignment);
    alignment_ = std::max(alignment_, alignment);
    position_ = round_up(position_, alignment * 8U);
    const std::uint64_t at = position_;
    position_ += layout.size * 8;
    return at;
  }

  std::uint64_t place_bits(const Field& field, const Layout& type) {
    return rules(target_).microsoft_bit_fields ? place_bits_microsoft(field, type) : place_bits_system_v(field, type);
  }

  // A field may not span more units of its type's alignment than its type does; packed ones may.
  std::uint64_t place_bits_system_v(const Field& field, const Layout& type) {
    const std::uint64_t alignment = type.alignment * 8U;
    if (field.bits == 0) {
      position_ = round_up(position_, alignment);
      return position_;
    }
    if (!field.name.empty()) alignment_ = std::max(alignment_, limited(type.alignment));
    const bool may_span = record_.packed || record_.pack != 0;
    const std::uint64_t begin = position_ % alignment;
    if (!may_span && (begin + field.bits + alignment - 1) / alignment > type.size * 8 / alignment)
      position_ = round_up(position_, alignment);
    const std::uint64_t at = position_;
    position_ += field.bits;
    return at;
  }

  // Neighbours share a unit of their type if the types have one size and the unit has room.
  std::uint64_t place_bits_microsoft(const Field& field, const Layout& type) {
    if (field.bits == 0) {
      // Outside a run of bit-fields it is as if it were not there.
      if (unit_size_ != 0) {
        end_unit();
        alignment_ = std::max(alignment_, limited(type.alignment));
        position_ = round_up(position_, limited(type.alignment) * 8U);
      }
      return position_;
    }
    alignment_ = std::max(alignment_, limited(type.alignment));
    if (unit_size_ != type.size || unit_left_ < field.bits) {
      end_unit();
      position_ = round_up(position_, limited(type.alignment) * 8U);
      unit_size_ = type.size;
      unit_left_ = type.size * 8;
    }
    const std::uint64_t at = position_;
    position_ += field.bits;
    unit_left_ -= field.bits;
    return at;
  }

  void end_unit() {
    position_ += unit_left_;
    unit_left_ = 0;
    unit_size_ = 0;
  }

  const Record& record_;
  Target target_;
  std::uint64_t position_ = 0;   // in bits
  std::uint64_t largest_ = 0;    // of a union's members
  std::uint64_t unit_left_ = 0;  // Microsoft: bits left in the unit of the bit-field before
  std::uint64_t unit_size_ = 0;  // its bytes, or 0 outside a run
  std::uint32_t alignment_ = 1;
};

}  // namespace

Layout layout_of(Scalar scalar, Target target) {
  const TargetRules& rule = rules(target);
  switch (scalar) {
    case Scalar::boolean:
    case Scalar::character:
    case Scalar::signed_char:
    case Scalar::unsigned_char:
      return {1, 1};
    case Scalar::short_int:
    case Scalar::unsigned_short:
    case Scalar::char16:
      return {2, 2};
    case Scalar::int_:
    case Scalar::unsigned_int:
    case Scalar::char32:
    case Scalar::float_:
      return {4, 4};
    case Scalar::long_int:
    case Scalar::unsigned_long:
      return {rule.long_size, rule.long_size};
    case Scalar::size:
    case Scalar::signed_size:
    case Scalar::handle:
      return {rule.pointer_size, rule.pointer_size};
    case Scalar::wide:
      return {rule.wchar_size, rule.wchar_size};
    case Scalar::long_double:
      return {rule.long_double_size, rule.long_double_align};
    case Scalar::long_long:
    case Scalar::unsigned_long_long:
    case Scalar::double_:
      break;
  }
  return {8, rule.wide_align};
}

std::optional<Layout> layout_of(const Type& type, Target target) {
  switch (type.kind) {
    case Kind::scalar:
    case Kind::enumeration:
      return layout_of(type.scalar, target);
    case Kind::pointer:
      return Layout{rules(target).pointer_size, rules(target).pointer_size};
    case Kind::array: {
      const auto element = layout_of(*type.element, target);
      // The parser bounds the product; a reader that does not gets no layout rather than a wrapped one.
      if (!element || type.count == 0 || type.count > kMaxTypeSize / element->size) return std::nullopt;
      return Layout{element->size * type.count, element->alignment};
    }
    case Kind::record: {
      const RecordLayout& layout = type.record->layouts[static_cast<std::size_t>(target)];
      if (!type.record->complete || !layout.known) return std::nullopt;
      return Layout{layout.size, layout.alignment};
    }
    case Kind::void_type:
    case Kind::function:
      break;
  }
  return std::nullopt;
}

bool is_floating(Scalar scalar) {
  return scalar == Scalar::float_ || scalar == Scalar::double_ || scalar == Scalar::long_double;
}

bool is_signed(Scalar scalar, Target target) {
  switch (scalar) {
    case Scalar::character:
      return rules(target).char_signed;
    case Scalar::wide:
      return rules(target).wchar_signed;
    case Scalar::signed_char:
    case Scalar::short_int:
    case Scalar::int_:
    case Scalar::long_int:
    case Scalar::long_long:
    case Scalar::signed_size:
    case Scalar::handle:
      return true;
    default:
      return false;
  }
}

bool is_integer(const Type& type) {
  if (type.kind == Kind::enumeration) return true;
  return type.kind == Kind::scalar && !is_floating(type.scalar) && type.scalar != Scalar::handle &&
         type.scalar != Scalar::boolean;
}

Result<void> lay_out(Record& record) {
  const std::string kind = record.is_union ? "union " : "struct ";
  if (record.fields.empty())
    return fail(ErrorCode::argument_type, kind + record.name + " has no fields; C gives such a type no size");
  for (std::size_t index = 0; index < kTargetCount; ++index) {
    RecordLayout layout;
    if (!RecordLayouter(record, static_cast<Target>(index)).run(layout))
      return fail(ErrorCode::argument_type,
                  kind + record.name + " is empty or larger than " + std::to_string(kMaxTypeSize >> 20) + " MiB");
    record.layouts[index] = std::move(layout);
  }
  record.complete = true;
  return {};
}

}  // namespace halfword::model
