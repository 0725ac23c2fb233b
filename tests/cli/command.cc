#include "cli/command.h"

#include <gtest/gtest.h>

#include "test_paths.h"

namespace test {

nlohmann::json document_of(const Run& run) {
  nlohmann::json document = nlohmann::json::parse(run.out, nullptr, false);
  EXPECT_FALSE(document.is_discarded()) << "stdout is not one JSON document:\n" << run.out << run.err;
  return document;
}

std::string library(const std::string& name, const std::string& target) {
  return std::string(kTestLibraries) + "/" + target + "/" + name + (target.ends_with("windows") ? ".dll" : ".so");
}

}  // namespace test
