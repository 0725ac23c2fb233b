// `halfword help errors`: every code from the one list that there is.
#include "cli/commands.h"

namespace halfword::cli {

int run_help_errors(const CommandLine&, Output& output) {
  if (output.json()) {
    Json list = Json::array();
    for (const ErrorCodeInfo& info : error_codes())
      list.push_back({{"code", info.name},
                      {"number", static_cast<std::uint32_t>(info.code)},
                      {"status", info.exit_status},
                      {"meaning", info.meaning},
                      {"advice", info.advice}});
    output.print_document(Json{{"errors", list}});
    return 0;
  }
  output.print("Every error has a code. STATUS is what the command ends with.\n\n" +
               output.paint(Colour::bold, "NO  STATUS  CODE") + "\n");
  for (const ErrorCodeInfo& info : error_codes()) {
    std::string number = std::to_string(static_cast<std::uint32_t>(info.code));
    number.resize(4, ' ');
    output.print(number + std::to_string(info.exit_status) + "       " + output.paint(Colour::bold, info.name) + "\n");
    output.print("            " + std::string(info.meaning) + "\n");
    output.print("            " + output.paint(Colour::grey, std::string("-> ") + info.advice) + "\n");
  }
  return 0;
}

}  // namespace halfword::cli
