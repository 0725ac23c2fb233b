// The far side of peer.pipe_json: a 32-bit program that reads a call as a line of JSON from its standard input and
// writes the result as a line of JSON to its standard output, the way that such a helper is usually written.
// Started by pipe_json_linux.cc; ends with its input.
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

namespace {

int add(int a, int b) { return a + b; }

nlohmann::json answer(const std::string& line) {
  try {
    const nlohmann::json call = nlohmann::json::parse(line);
    const nlohmann::json& arguments = call.at("arguments");
    if (call.at("function") == "add") {
      return {{"result", add(arguments.at(0).get<int>(), arguments.at(1).get<int>())}};
    }
    return {{"error", "there is no such function"}};
  } catch (const nlohmann::json::exception& error) {
    return {{"error", error.what()}};
  }
}

}  // namespace

int main() {
  std::ios::sync_with_stdio(false);
  for (std::string line; std::getline(std::cin, line);) std::cout << answer(line).dump() << std::endl;
}
