// The table of words, made once from what a word's parts mean: `_Out_writes_bytes_to_opt_` is out, in bytes, with a
// capacity and a length, optional. Microsoft's "Using SAL Annotations" describes them; _Token_ and _Retained_ are ours.
#include "interface/sal.h"

#include <vector>

#include "interface/known_types.h"

namespace halfword::model {
namespace {

SalWord word(std::string_view name, Direction direction, SalArguments arguments) {
  SalWord made{name, arguments, false, {}};
  made.words.direction = direction;
  made.words.optional = name.find("_opt_") != std::string_view::npos;
  made.words.zero_terminated = name.ends_with("_z_");
  made.words.in_bytes = name.find("_bytes_") != std::string_view::npos;
  return made;
}

SalWord outptr(std::string_view name) {
  SalWord made{name, SalArguments::none, false, {}};
  made.words.direction = Direction::out;
  made.words.outptr = true;
  made.words.optional = name.starts_with("_Outptr_opt_");
  made.words.result_string = name.ends_with("_z_");
  made.words.maybe_null = name.find("_maybenull_") != std::string_view::npos;
  return made;
}

SalWord result(std::string_view name) {
  SalWord made{name, SalArguments::none, true, {}};
  made.words.zero_terminated = name.ends_with("_z_");
  made.words.maybe_null = name.find("_maybenull_") != std::string_view::npos;
  return made;
}

std::vector<SalWord> make_table() {
  using enum Direction;
  using enum SalArguments;
  std::vector<SalWord> table;
  for (const std::string_view name : {"_In_", "_In_opt_", "_In_z_", "_In_opt_z_"})
    table.push_back(word(name, in, none));
  for (const std::string_view name :
       {"_In_reads_", "_In_reads_opt_", "_In_reads_bytes_", "_In_reads_bytes_opt_", "_In_reads_z_", "_In_reads_opt_z_"})
    table.push_back(word(name, in, capacity));
  for (const std::string_view name : {"_Out_", "_Out_opt_"}) table.push_back(word(name, out, none));
  for (const std::string_view name : {"_Out_writes_", "_Out_writes_opt_", "_Out_writes_bytes_",
                                      "_Out_writes_bytes_opt_", "_Out_writes_z_", "_Out_writes_opt_z_"})
    table.push_back(word(name, out, capacity));
  for (const std::string_view name :
       {"_Out_writes_to_", "_Out_writes_to_opt_", "_Out_writes_bytes_to_", "_Out_writes_bytes_to_opt_"})
    table.push_back(word(name, out, capacity_and_length));
  for (const std::string_view name :
       {"_Out_writes_all_", "_Out_writes_all_opt_", "_Out_writes_bytes_all_", "_Out_writes_bytes_all_opt_"})
    table.push_back(word(name, out, capacity));
  for (const std::string_view name : {"_Inout_", "_Inout_opt_", "_Inout_z_", "_Inout_opt_z_"})
    table.push_back(word(name, inout, none));
  for (const std::string_view name :
       {"_Inout_updates_", "_Inout_updates_opt_", "_Inout_updates_bytes_", "_Inout_updates_bytes_opt_",
        "_Inout_updates_z_", "_Inout_updates_opt_z_", "_Inout_updates_all_", "_Inout_updates_bytes_all_"})
    table.push_back(word(name, inout, capacity));
  for (const std::string_view name :
       {"_Inout_updates_to_", "_Inout_updates_to_opt_", "_Inout_updates_bytes_to_", "_Inout_updates_bytes_to_opt_"})
    table.push_back(word(name, inout, capacity_and_length));
  for (const std::string_view name :
       {"_Outptr_", "_Outptr_opt_", "_Outptr_result_maybenull_", "_Outptr_opt_result_maybenull_", "_Outptr_result_z_",
        "_Outptr_opt_result_z_", "_Outptr_result_maybenull_z_", "_Outptr_opt_result_maybenull_z_"})
    table.push_back(outptr(name));
  for (const std::string_view name : {"_Ret_z_", "_Ret_maybenull_", "_Ret_maybenull_z_", "_Ret_notnull_"})
    table.push_back(result(name));
  table.push_back(word("_Token_", unsaid, none));
  table.back().words.token = true;
  table.push_back(word("_Retained_", unsaid, text));
  table.back().words.retained = "for ever";
  return table;
}

const std::vector<SalWord>& table() {
  static const std::vector<SalWord> words = make_table();
  return words;
}

}  // namespace

const SalWord* sal_word(std::string_view name) {
  for (const SalWord& entry : table())
    if (entry.name == name) return &entry;
  return nullptr;
}

bool looks_like_sal(std::string_view name) {
  return name.size() > 3 && name.starts_with('_') && name.ends_with('_') && name[1] >= 'A' && name[1] <= 'Z';
}

std::string nearest_sal_word(std::string_view name) {
  std::string_view best;
  unsigned distance = 4;
  for (const SalWord& entry : table()) {
    const unsigned found = edit_distance(name, entry.name, 3);
    if (found < distance) {
      distance = found;
      best = entry.name;
    }
  }
  return std::string(best);
}

}  // namespace halfword::model
