#include "base/error.h"

#include <system_error>

namespace halfword {

const std::vector<ErrorCodeInfo>& error_codes() {
  static const std::vector<ErrorCodeInfo> codes = {
#define HALFWORD_ERROR(name, number, exit_status, meaning, advice) \
  {ErrorCode::name, #name, exit_status, meaning, advice},
#include "halfword/error_codes.inc"
#undef HALFWORD_ERROR
  };
  return codes;
}

const ErrorCodeInfo& describe(ErrorCode code) {
  static const ErrorCodeInfo unknown = {ErrorCode::none, "unknown", 5, "an error that this version does not know",
                                        "use the version of halfword that the error came from"};
  for (const ErrorCodeInfo& info : error_codes())
    if (info.code == code) return info;
  return unknown;
}

std::unexpected<Error> fail_system(const std::string& what, std::uint64_t number) {
  Error error;
  error.code = ErrorCode::environment;
  error.system_number = number;
  error.system_text = std::error_code(static_cast<int>(number), std::system_category()).message();
  error.message = what + ": " + error.system_text + " (" + std::to_string(number) + ")";
  return std::unexpected(std::move(error));
}

}  // namespace halfword
