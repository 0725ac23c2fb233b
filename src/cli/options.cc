// The command line, by CLI11. Its exceptions stay in this file.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>

#include "cli/commands.h"
#include "cli/duration.h"
#include "inspect/names.h"

namespace halfword::cli {
namespace {

constexpr char kVersion[] = "halfword " HALFWORD_VERSION;
// CLI11 takes `-5` for an option and splits `[1,2]` at its commas. A byte in front that nobody types keeps such words
// whole; it is taken off again when CLI11 is done.
constexpr char kQuote = '\x01';

bool looks_like_a_value(const std::string& word) {
  if (word.empty()) return false;
  if (word[0] != '-') return word[0] == '[' || word[0] == '{' || word[0] == '"' || word[0] == kQuote;
  if (word == "-inf" || word == "-nan") return true;
  const std::size_t digit = word.size() > 1 && word[1] == '.' ? 2 : 1;
  return digit < word.size() && word[digit] >= '0' && word[digit] <= '9';
}

std::vector<std::string> quoted(const std::vector<std::string>& words) {
  std::vector<std::string> result;
  for (const std::string& word : words) result.push_back(looks_like_a_value(word) ? kQuote + word : word);
  return result;
}

std::string unquoted(const std::string& word) { return word.starts_with(kQuote) ? word.substr(1) : word; }

std::string unquoted_everywhere(std::string text) {
  std::erase(text, kQuote);
  return text;
}

// CLI11's names for the parts of a help text are replaced by plainer ones.
class Formatter : public CLI::Formatter {
 public:
  Formatter() {
    label("REQUIRED", "");
    label("TEXT", "");
    label("Positionals", "Arguments");
    label("SUBCOMMAND", "COMMAND");
    label("OPTIONS", "OPTION...");
    column_width(22);
  }
  std::string make_option_opts(const CLI::Option* option) const override {
    return option->get_type_size() != 0 && !option->get_type_name().empty() && !option->get_positional()
               ? " " + option->get_type_name()
               : "";
  }
};

class Parser {
 public:
  Parser() : app_("Calls libraries that a process of its own bitness and system cannot load.", "halfword") {
    app_.formatter(std::make_shared<Formatter>());
    app_.require_subcommand(0, 1);
    app_.set_version_flag("--version", kVersion, "Print the version");
    app_.footer(
        "Example:\n  halfword call libz.so.1 'const char *zlibVersion(void)'\n\n"
        "`halfword COMMAND --help` shows the options of a command; `halfword help errors` all error codes.");
    add_common(app_);
    add_inspect();
    add_call();
    add_doctor();
    add_help();
  }

  Result<CommandLine> parse(const std::vector<std::string>& arguments);

 private:
  void add_common(CLI::App& app) {
    app.set_help_flag("-h,--help", "Print this help");
    app.add_flag("--json", line_.json, "Print one JSON document, errors too");
    app.group("Commands");
  }
  void add_file(CLI::App& app) {
    app.add_option("FILE", line_.file, "The library: a path, or a name that is searched for")->required();
    add_search(app);
  }
  void add_search(CLI::App& app) {
    app.add_option("--search", line_.search, "Look for libraries and their dependencies in DIR first; may repeat")
        ->type_name("DIR")
        ->allow_extra_args(false);
  }
  void add_inspect();
  void add_call();
  void add_doctor();
  void add_help();
  std::unexpected<Error> wrong(const std::string& what, const std::vector<std::string>& arguments) const;
  Result<CommandLine> finish();
  Result<CommandLine> show(std::string text, bool is_version);

  CLI::App app_;
  CLI::App* inspect_ = nullptr;
  CLI::App* call_ = nullptr;
  CLI::App* doctor_ = nullptr;
  CLI::App* help_ = nullptr;
  CommandLine line_;
  bool no_load_ = false;
  std::string deadline_;
  std::string repeat_;
  std::string topic_;
};

void Parser::add_inspect() {
  inspect_ = app_.add_subcommand("inspect", "Say what a library is, what it needs, and whether it can be called");
  add_common(*inspect_);
  add_file(*inspect_);
  inspect_->add_flag("--no-load", no_load_, "Only read the file; no worker loads it, so none of its code runs");
  inspect_->footer(
      "Example:\n  halfword inspect vendor.dll\n\n"
      "Ends with 0 if the library can be called from here, and with 1 if it cannot.");
}

void Parser::add_call() {
  call_ = app_.add_subcommand("call", "Call one function of a library");
  add_common(*call_);
  add_file(*call_);
  call_->add_option("PROTOTYPE", line_.prototype, "The function in C, with SAL words where C does not say enough")
      ->required();
  call_->add_option("ARG", line_.arguments, "One value for each parameter, see below");
  call_->add_option("--symbol", line_.symbol, "Call this export instead: a name, or #ORDINAL")->type_name("NAME");
  call_->add_option("--deadline", deadline_, "End the worker if the call takes longer, for example 500ms")
      ->type_name("TIME");
  call_->add_option("--repeat", repeat_, "Make the call N times and show how long it takes")->type_name("N");
  call_->footer(
      "Values:\n"
      "  5  -1  0x1f  2.5  'a'  true   a number\n"
      "  '\"text\"'                      text; the inner quotes belong to it; \\n \\t \\xNN \\\" as in C\n"
      "  null                          a null pointer\n"
      "  @FILE                         the bytes of a file\n"
      "  '{1,2.5}'  '[1,2,3]'          a struct; an array\n"
      "  out:N  out                    a buffer of N bytes, or of as many as the prototype says\n"
      "  inout:VALUE                   a buffer that holds VALUE; shown after the call, as out is\n"
      "  '&NAME'                       the address of an export\n\n"
      "Example:\n"
      "  halfword call libz.so.1 'unsigned long crc32(unsigned long crc, const unsigned char *data, unsigned n)' \\\n"
      "    0 '\"hello\"' 5");
}

void Parser::add_doctor() {
  doctor_ = app_.add_subcommand("doctor", "Try what works on this machine, and say how to install what is missing");
  add_common(*doctor_);
  add_search(*doctor_);
  doctor_->footer(
      "Example:\n  halfword doctor --json\n\n"
      "Ends with 0 if every worker works, with 1 if some do, and with 5 if none does.");
}

void Parser::add_help() {
  help_ = app_.add_subcommand("help", "Explain a command, or list all error codes");
  add_common(*help_);
  help_->add_option("TOPIC", topic_, "A command, or `errors`");
  help_->footer("Example:\n  halfword help errors");
}

Result<CommandLine> Parser::show(std::string text, bool is_version) {
  line_.command = Command::show_text;
  line_.text = std::move(text);
  line_.is_version = is_version;
  return std::move(line_);
}

std::unexpected<Error> Parser::wrong(const std::string& what, const std::vector<std::string>& arguments) const {
  const std::vector<CLI::App*> chosen = app_.get_subcommands();
  if (!chosen.empty()) {
    const std::string command = "halfword " + chosen.front()->get_name();
    return fail(ErrorCode::argument_type, command + ": " + what + "; see " + command + " --help");
  }
  const auto word =
      std::find_if(arguments.begin(), arguments.end(), [](const auto& one) { return !one.starts_with('-'); });
  if (word == arguments.end()) return fail(ErrorCode::argument_type, what + "; see halfword --help");
  return fail(ErrorCode::argument_type,
              "there is no command '" + inspect::printable(*word) + "'; there are inspect, call, doctor and help");
}

Result<CommandLine> Parser::parse(const std::vector<std::string>& arguments) {
  std::vector<std::string> words = quoted(arguments);
  std::reverse(words.begin(), words.end());  // CLI11 takes them from the end
  try {
    app_.parse(std::move(words));
  } catch (const CLI::CallForVersion&) {
    return show(std::string(kVersion) + "\n", true);
  } catch (const CLI::CallForHelp&) {
    const std::vector<CLI::App*> chosen = app_.get_subcommands();
    return show(chosen.empty() ? app_.help() : chosen.front()->help("halfword"), false);
  } catch (const CLI::ParseError& error) {
    return wrong(unquoted_everywhere(error.what()), arguments);
  }
  return finish();
}

Result<CommandLine> Parser::finish() {
  line_.load = !no_load_;
  for (std::string* word : {&line_.file, &line_.prototype, &line_.symbol, &deadline_, &repeat_})
    *word = unquoted(*word);
  for (std::string& word : line_.arguments) word = unquoted(word);
  for (std::string& word : line_.search) word = unquoted(word);
  if (app_.get_subcommands().empty()) return show(app_.help(), false);
  if (help_->parsed()) {
    line_.command = Command::help_errors;
    if (topic_ == "errors") return std::move(line_);
    if (topic_.empty()) return show(app_.help(), false);
    for (CLI::App* command : {inspect_, call_, doctor_, help_})
      if (command->get_name() == topic_) return show(command->help("halfword"), false);
    return fail(ErrorCode::argument_type, "there is no help on " + topic_ + "; there is on errors and on each command");
  }
  line_.command = inspect_->parsed() ? Command::inspect : call_->parsed() ? Command::call : Command::doctor;
  if (!deadline_.empty() || call_->count("--deadline") != 0) {
    Result<std::int64_t> deadline = parse_duration(deadline_);
    if (!deadline) return fail(deadline.error().code, "--deadline: " + deadline.error().message);
    line_.deadline_ns = *deadline;
  }
  if (call_->count("--repeat") != 0) {
    constexpr std::uint32_t kMost = 10'000'000;  // every time is kept, for the percentiles
    const char* end = repeat_.data() + repeat_.size();
    const std::from_chars_result read = std::from_chars(repeat_.data(), end, line_.repeat);
    if (read.ec != std::errc() || read.ptr != end || line_.repeat == 0 || line_.repeat > kMost)
      return fail(ErrorCode::argument_range, "--repeat: " + repeat_ + " is not a number from 1 to 10000000");
  }
  return std::move(line_);
}

}  // namespace

Result<CommandLine> parse_command_line(const std::vector<std::string>& arguments) { return Parser().parse(arguments); }

bool asks_for_json(const std::vector<std::string>& arguments) {
  for (const std::string& argument : arguments) {
    if (argument == "--") return false;
    if (argument == "--json") return true;
  }
  return false;
}

}  // namespace halfword::cli
