// What the command writes: text for people or one JSON document for programs on stdout, diagnostics on stderr.
// One object for the process, used on the main thread. The text may contain names out of hostile files: whoever makes
// it has made them printable.
#pragma once

#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>

#include "base/error.h"

namespace halfword::cli {

using Json = nlohmann::ordered_json;

enum class Colour { bold, red, green, yellow, grey };

class Output {
 public:
  /// \param json  whether everything goes into one JSON document on stdout
  explicit Output(bool json);

  bool json() const { return json_; }
  /// Whether stdout shows colours: a terminal, and NO_COLOR (https://no-color.org) is not set.
  bool colour() const { return colour_; }
  /// `text` in that colour, or as it is.
  std::string paint(Colour colour, const std::string& text) const;

  void print(const std::string& text);
  /// Writes the document; at most one in the life of the process.
  void print_document(const Json& document);
  /// A line for people on stderr; nothing with `--json`.
  void remark(const std::string& text);

  /// Reports the error the way the user wants it.
  /// \param where  lines that point at the place in the user's text, or empty
  /// \return the exit status of its code
  int fail(const Error& error, const std::string& where = {});

  /// Whether all that was printed has arrived.
  bool flush();

 private:
  bool json_;
  std::FILE* file_;
  bool colour_;
  bool colour_of_errors_;
};

/// An error with all its parts; empty ones are left out.
Json to_json(const Error& error);

}  // namespace halfword::cli
