// The report of a run; see report.h.
#include "report.h"

#include <fmt/format.h>

#include <cerrno>
#include <fstream>
#include <nlohmann/json.hpp>

namespace halfword::bench {
namespace {

// Three digits are more than two runs agree on.
std::string number(double value) {
  if (value != 0 && value < 10) return fmt::format("{:.2f}", value);
  return fmt::format("{:.{}f}", value, value < 100 ? 1 : 0);
}

std::string limit_text(Reference::Want want, double limit, double value) {
  if (want == Reference::Want::nothing) return "";
  const bool at_most = want == Reference::Want::at_most;
  const bool kept = at_most ? value <= limit : value >= limit;
  return fmt::format("{} {:g}  {}", at_most ? "at most" : "at least", limit, kept ? "kept" : "MISSED");
}

const Reference* reference_of(const RowTraits& traits, const std::string& name) {
  for (const Reference& reference : traits.against) {
    if (reference.row == name) return &reference;
  }
  return nullptr;
}

}  // namespace

std::string table(const Report& report) {
  std::string text = fmt::format("{:<24} {:>10} {:>10} {:<6} {:>4} {:>5}  {:<17} {:>9}  {}\n", "row", "median", "p99",
                                 "unit", "runs", "batch", "against", "ratio", "limit");
  for (const Outcome& outcome : report.outcomes) {
    const RowTraits& traits = outcome.traits;
    std::string head = fmt::format("{:<24} {:>10} {:>10} {:<6} {:>4} {:>5}", traits.name, number(outcome.median),
                                   number(outcome.p99), traits.unit, outcome.runs, outcome.batch);
    if (outcome.against.empty() || traits.want != Reference::Want::nothing) {
      text += fmt::format("{}  {:<17} {:>9}  {}", head, "", "", limit_text(traits.want, traits.limit, outcome.median));
      text.erase(text.find_last_not_of(' ') + 1);
      text += '\n';
      head.assign(head.size(), ' ');
    }
    for (const auto& [name, ratio] : outcome.against) {
      const Reference* reference = reference_of(traits, name);
      text += fmt::format("{}  {:<17} {:>9}  {}", head, name, number(ratio),
                          limit_text(reference->want, reference->ratio, ratio));
      text.erase(text.find_last_not_of(' ') + 1);
      text += '\n';
      head.assign(head.size(), ' ');
    }
  }
  return text;
}

std::string json(const Report& report) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Outcome& outcome : report.outcomes) {
    nlohmann::ordered_json against = nlohmann::ordered_json::object();
    for (const auto& [name, ratio] : outcome.against) against[name] = ratio;
    list.push_back({{"name", outcome.traits.name},
                    {"unit", outcome.traits.unit},
                    {"median", outcome.median},
                    {"p99", outcome.p99},
                    {"runs", outcome.runs},
                    {"against", against}});
  }
  return list.dump(2) + "\n";
}

Result<void> write_file(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (!file) return fail_system("writing " + path, static_cast<std::uint64_t>(errno));
  return {};
}

}  // namespace halfword::bench
