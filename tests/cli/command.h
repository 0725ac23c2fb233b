// Runs the built `halfword` as a user would, and waits for it.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace test {

struct Run {
  int status = -1;  ///< 128 + the signal for one that did not end by itself
  std::string out;
  std::string err;
};

/// \param environment  added to this process's own; an empty value removes the variable
Run run(const std::vector<std::string>& arguments, const std::map<std::string, std::string>& environment = {});

/// The same with stdout going to `file`; Run::out stays empty.
Run run_into(const std::string& file, const std::vector<std::string>& arguments);

/// The one JSON document that the run printed; fails the test if there is not exactly one.
nlohmann::json document_of(const Run& run);

/// The tiny library of tests/libs for `target`.
std::string library(const std::string& name, const std::string& target = "i386-linux");

}  // namespace test
