// Which export was meant: for the `export_missing` error and for `halfword call`. Pure functions; any thread.
#include <algorithm>
#include <cstdint>
#include <unordered_set>

#include "inspect/names.h"

namespace halfword::inspect {
namespace {

// Longer names differ in more than a typing error; they are still found by their plain form.
constexpr std::size_t kLongestCompared = 96;
// About a tenth of a second; a library with a hundred thousand exports of the wanted length stays within it.
constexpr std::uint64_t kMostCells = 50'000'000;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string folded(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), lower);
  return result;
}

std::string_view without_underscores(std::string_view name) {
  while (name.starts_with('_')) name.remove_prefix(1);
  while (name.ends_with('_')) name.remove_suffix(1);
  return name;
}

std::string_view last_part(std::string_view qualified) {
  const std::size_t colons = qualified.rfind("::");
  return colons == std::string_view::npos ? qualified : qualified.substr(colons + 2);
}

// The edit distance with swaps of neighbours, or `limit` + 1 if it is larger. Only the diagonal band of that width is
// computed.
class EditDistance {
 public:
  std::size_t measure(std::string_view a, std::string_view b, std::size_t limit) {
    if (a.size() > b.size()) std::swap(a, b);
    if (b.size() - a.size() > limit) return limit + 1;
    const std::size_t far = limit + 1;
    before_.assign(b.size() + 1, far);
    last_.assign(b.size() + 1, far);
    row_.assign(b.size() + 1, far);
    for (std::size_t j = 0; j <= std::min(b.size(), limit); ++j) last_[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
      if (!fill_row(a, b, i, limit)) return far;
      before_.swap(last_);
      last_.swap(row_);
    }
    return std::min(last_[b.size()], far);
  }
  std::uint64_t cells() const { return cells_; }

 private:
  bool fill_row(std::string_view a, std::string_view b, std::size_t i, std::size_t limit) {
    const std::size_t far = limit + 1;
    const std::size_t from = i > limit ? i - limit : 0;
    const std::size_t to = std::min(b.size(), i + limit);
    std::fill(row_.begin(), row_.end(), far);
    if (from == 0) row_[0] = i;
    std::size_t best = from == 0 ? i : far;
    for (std::size_t j = std::max<std::size_t>(from, 1); j <= to; ++j) {
      std::size_t value = last_[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      value = std::min({value, last_[j] + 1, row_[j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) value = std::min(value, before_[j - 2] + 1);
      row_[j] = std::min(value, far);
      best = std::min(best, row_[j]);
    }
    cells_ += b.size() + to - from;
    return best <= limit;
  }

  std::vector<std::size_t> before_, last_, row_;
  std::uint64_t cells_ = 0;
};

// What was asked for, in the forms that are compared.
struct Wanted {
  explicit Wanted(std::string_view name) : whole(name) {
    // Somebody may ask for `_add@8` where the export is `add`, whatever the library's format.
    const PlainName plain = undecorate(name, Format::pe, Machine::i386);
    stem = plain.name;
    bare = without_underscores(last_part(stem));
    folded_bare = folded(bare);
    limit = folded_bare.size() < 3 ? 0 : std::clamp<std::size_t>(folded_bare.size() / 4, 1, 3);
  }
  std::string whole, stem, bare, folded_bare;
  std::size_t limit;
};

constexpr int kUnrelated = 1000;

// 0: the same name in another decoration; then ever less alike.
int rank(const Wanted& wanted, const Export& candidate, EditDistance& distance) {
  const std::string_view stem = candidate.plain.name.empty() ? std::string_view(candidate.name) : candidate.plain.name;
  if (stem == wanted.stem || stem == wanted.whole) return 0;
  const std::string_view bare = without_underscores(last_part(stem));
  if (bare == wanted.bare) return stem == wanted.bare ? 0 : 1;
  if (bare.size() > kLongestCompared || wanted.folded_bare.size() > kLongestCompared) return kUnrelated;
  const std::string lowered = folded(bare);
  if (lowered == wanted.folded_bare) return 2;
  // Windows has two of every function that takes text, and none of the plain name.
  if (lowered.size() == wanted.folded_bare.size() + 1 && lowered.starts_with(wanted.folded_bare) &&
      (lowered.back() == 'a' || lowered.back() == 'w'))
    return 3;
  if (wanted.limit == 0 || distance.cells() > kMostCells) return kUnrelated;
  const std::size_t edits = distance.measure(lowered, wanted.folded_bare, wanted.limit);
  return edits > wanted.limit ? kUnrelated : 3 + static_cast<int>(edits);
}

}  // namespace

std::vector<std::string> nearest_names(const std::vector<Export>& exports, std::string_view wanted_name,
                                       std::size_t limit) {
  const Wanted wanted(wanted_name);
  EditDistance distance;
  std::vector<std::pair<int, const Export*>> ranked;
  for (const Export& candidate : exports) {
    if (candidate.name.empty()) continue;
    const int value = rank(wanted, candidate, distance);
    if (value < kUnrelated) ranked.emplace_back(value, &candidate);
  }
  // All of them lie in one array, so equal ranks stay in the library's order.
  std::sort(ranked.begin(), ranked.end());
  std::vector<std::string> names;
  std::unordered_set<std::string_view> seen;
  for (const auto& [value, candidate] : ranked) {
    if (names.size() >= limit) break;
    if (seen.insert(candidate->name).second) names.push_back(candidate->name);
  }
  return names;
}

Error export_missing(const Image& image, std::string_view file, std::string_view wanted) {
  Error error;
  error.code = ErrorCode::export_missing;
  error.file = file;
  error.function = wanted;
  error.name = wanted;
  error.searched = nearest_names(image.exports, wanted);
  error.message = printable(file) + " has no export `" + printable(wanted) + "`";
  if (image.exports.empty()) {
    error.message += "; it exports nothing";
  } else if (error.searched.empty()) {
    error.message += " nor one like it among its " + std::to_string(image.exports.size());
  } else {
    error.message += "; the nearest are ";
    for (std::size_t i = 0; i < error.searched.size(); ++i)
      error.message += (i == 0 ? "`" : ", `") + printable(error.searched[i]) + "`";
  }
  return error;
}

}  // namespace halfword::inspect
