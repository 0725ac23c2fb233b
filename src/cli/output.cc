#include "cli/output.h"

#include <cstdio>
#include <cstdlib>

#include "cli/system.h"
#include "inspect/names.h"

namespace halfword::cli {
namespace {

bool wants_colour() {
  const char* forbidden = std::getenv("NO_COLOR");
  return forbidden == nullptr || *forbidden == 0;
}

std::string painted(Colour colour, const std::string& text) {
  static constexpr const char* kCodes[] = {"1", "31", "32", "33", "90"};
  return std::string("\x1b[") + kCodes[static_cast<int>(colour)] + "m" + text + "\x1b[0m";
}

void put(Json& object, const char* key, const std::string& text) {
  if (!text.empty()) object[key] = inspect::printable(text);
}

}  // namespace

Output::Output(bool json)
    : json_(json),
      file_(json ? reserve_stdout() : stdout),
      colour_(!json && wants_colour() && shows_colours(Stream::out)),
      colour_of_errors_(wants_colour() && shows_colours(Stream::error)) {}

std::string Output::paint(Colour colour, const std::string& text) const {
  return colour_ ? painted(colour, text) : text;
}

void Output::print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), file_); }

void Output::print_document(const Json& document) {
  // Bytes that are no UTF-8 have been written out before; `replace` is for what slips through, since dump would throw.
  print(document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

void Output::remark(const std::string& text) {
  if (!json_) std::fprintf(stderr, "%s\n", text.c_str());
}

int Output::fail(const Error& error, const std::string& where) {
  const ErrorCodeInfo& info = describe(error.code);
  if (json_) {
    Json document = {{"error", to_json(error)}};
    if (!where.empty()) document["error"]["where"] = inspect::printable(where.substr(0, where.find('\n')));
    print_document(document);
    return info.exit_status;
  }
  // What was printed so far comes first, also where both go to one file.
  std::fflush(file_);
  const std::string name = colour_of_errors_ ? painted(Colour::red, info.name) : info.name;
  std::fprintf(stderr, "halfword: %s: %s\n", name.c_str(), inspect::printable(error.message).c_str());
  if (!where.empty()) std::fprintf(stderr, "%s\n", where.c_str());
  std::fprintf(stderr, "  %s\n", info.advice);
  return info.exit_status;
}

bool Output::flush() {
  const bool flushed = std::fflush(file_) == 0;
  return flushed && std::ferror(file_) == 0;
}

Json to_json(const Error& error) {
  const ErrorCodeInfo& info = describe(error.code);
  Json object = {{"code", info.name}, {"status", info.exit_status}, {"message", inspect::printable(error.message)}};
  put(object, "file", error.file);
  put(object, "function", error.function);
  put(object, "name", error.name);
  put(object, "address", error.address);
  if (error.system_number != 0) object["system_number"] = error.system_number;
  put(object, "system_text", error.system_text);
  if (!error.searched.empty()) {
    object["searched"] = Json::array();
    for (const std::string& one : error.searched) object["searched"].push_back(inspect::printable(one));
  }
  object["meaning"] = info.meaning;
  object["advice"] = info.advice;
  return object;
}

}  // namespace halfword::cli
