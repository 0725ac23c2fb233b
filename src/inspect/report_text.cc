// The report for people. Called by the command; any thread; every name out of a file goes through printable().
#include <algorithm>
#include <tuple>

#include "inspect/names.h"
#include "inspect/report.h"
#include "inspect/runtime_names.h"

namespace halfword::inspect {
namespace {

class Writer {
 public:
  Writer(const Report& report, const TextOptions& options) : report_(report), image_(report.image), options_(options) {}

  std::string write();

 private:
  enum class Colour { bold, red, green, yellow, grey };

  void line(const std::string& text) { text_ += text + "\n"; }
  void heading(const std::string& title, std::size_t count) {
    line("");
    line(paint(Colour::bold, title + " (" + std::to_string(count) + ")"));
  }
  std::string paint(Colour colour, const std::string& text) const {
    constexpr const char* kCodes[] = {"1", "31", "32", "33", "90"};
    if (!options_.colour) return text;
    return std::string("\x1b[") + kCodes[static_cast<int>(colour)] + "m" + text + "\x1b[0m";
  }
  // False once the list is as long as it may be.
  bool room(std::size_t written, std::size_t total) {
    if (written < options_.most_names) return true;
    line("  … and " + std::to_string(total - written) + " more");
    return false;
  }

  void write_head();
  void write_details();
  void write_verdict();
  void write_dependencies();
  void write_dependency(const ResolvedDependency& dependency);
  void write_missing_names();
  void write_exports();
  void write_imports();
  std::string describe_export(const Export& symbol) const;

  const Report& report_;
  const Image& image_;
  const TextOptions& options_;
  std::string text_;
};

std::string hexadecimal(std::uint64_t value, int digits) {
  std::string text;
  for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) text += "0123456789abcdef"[(value >> shift) & 15];
  return "0x" + text;
}

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

void Writer::write_head() {
  std::string kind = image_.format == Format::pe ? (image_.bits == 64 ? "PE32+ " : "PE32 ")
                                                 : (image_.bits == 64 ? "ELF64 " : "ELF32 ");
  switch (image_.kind) {
    case Kind::shared_library:
      kind += image_.format == Format::pe ? "DLL" : "shared library";
      break;
    case Kind::executable:
      kind += "program";
      break;
    case Kind::object:
      kind = image_.format == Format::pe ? "COFF object file" : kind + "object file";
      break;
    case Kind::core:
      kind += "core dump";
      break;
  }
  line(paint(Colour::bold, printable(path_text(report_.path))));
  line("  " + kind + " for " + paint(Colour::bold, image_.target) + " (" + std::to_string(image_.bits) + " bit)");
}

void Writer::write_details() {
  const auto add = [this](const char* name, const std::string& value) {
    line("  " + padded(name, 18) + printable(value));
  };
  const auto joined = [](const std::vector<std::string>& items) {
    std::string text;
    for (const std::string& item : items) text += (text.empty() ? "" : ":") + item;
    return text;
  };
  if (!image_.soname.empty()) add("own name", image_.soname);
  if (!image_.elf.interpreter.empty()) add("interpreter", image_.elf.interpreter);
  if (!image_.elf.rpath.empty()) add("RPATH", joined(image_.elf.rpath));
  if (!image_.elf.runpath.empty()) add("RUNPATH", joined(image_.elf.runpath));
  if (image_.format == Format::pe && image_.kind != Kind::object)
    add("subsystem", std::string(subsystem_name(image_.pe.subsystem)) + " " +
                         std::to_string(image_.pe.subsystem_major) + "." + std::to_string(image_.pe.subsystem_minor));
  std::string flags;
  const auto flag = [&](bool set, const char* name) {
    if (set) flags += (flags.empty() ? "" : ", ") + std::string(name);
  };
  flag(image_.pe.large_address_aware, "large addresses");
  flag(image_.format == Format::pe && image_.kind == Kind::shared_library && !image_.pe.relocatable,
       "cannot be relocated");
  flag(image_.pe.thread_local_storage || image_.elf.thread_local_storage, "thread-local storage");
  flag(image_.elf.static_tls, "static TLS");
  flag(image_.elf.text_relocations, "text relocations");
  flag(image_.elf.executable_stack, "wants an executable stack");
  flag(image_.elf.bind_now, "binds at load time");
  flag(image_.pe.wine_builtin, "part of Wine");
  if (!flags.empty()) add("flags", flags);
  if (image_.pe.dotnet)
    add(".NET",
        image_.pe.dotnet->runtime + (image_.pe.dotnet->il_only ? ", no machine code" : ", mixed with machine code"));
  for (const std::string& note : image_.notes) add("note", note);
}

void Writer::write_verdict() {
  const std::string here = report_.own_target.empty() ? "" : " (" + report_.own_target + ")";
  line("");
  if (report_.loadable_here) {
    line(paint(Colour::green, "This process" + here + " can load it."));
  } else {
    line(paint(Colour::yellow, "This process" + here + " cannot load it. ") + printable(report_.obstacle));
    if (report_.loadable_by_worker)
      line(paint(Colour::green, "A worker for " + image_.target + " can, as far as the file says."));
    else if (report_.worker_obstacle != report_.obstacle)
      line(paint(Colour::red, "A worker for " + image_.target + " cannot either. ") +
           printable(report_.worker_obstacle));
  }
  if (!report_.loader) return;
  if (report_.loader->loaded) {
    line(paint(Colour::green, "Test load: a worker for " + report_.loader->target + " loaded it."));
    return;
  }
  std::string text = "Test load: a worker for " + report_.loader->target +
                     " could not load it: " + printable(report_.loader->system_text);
  if (report_.loader->system_number != 0) text += " (" + std::to_string(report_.loader->system_number) + ")";
  line(paint(Colour::red, text));
}

void Writer::write_dependency(const ResolvedDependency& dependency) {
  std::string place;
  switch (dependency.place) {
    case Place::found:
      place = printable(path_text(dependency.path)) + paint(Colour::grey, "  " + printable(dependency.why));
      break;
    case Place::system:
      place = paint(Colour::grey, printable(dependency.why));
      break;
    case Place::unknown:
      place = paint(Colour::yellow, "not looked for: this system has none of its kind");
      break;
    case Place::missing:
      place = paint(dependency.delayed ? Colour::yellow : Colour::red, "MISSING");
      break;
    case Place::wrong_target:
      place = paint(Colour::red, "WRONG TARGET ") + printable(path_text(dependency.path));
      break;
    case Place::damaged:
      place = paint(Colour::red, "DAMAGED ") + printable(path_text(dependency.path));
      break;
  }
  std::string name = (dependency.direct ? "  " : "    ") + printable(dependency.name);
  if (dependency.delayed) name += " (when first called)";
  if (!dependency.product.empty()) name += ": " + dependency.product;
  line(padded(name, 36) + "  " + place);
  if (dependency.place == Place::found && !dependency.product.empty()) return;
  if (dependency.place == Place::found || dependency.place == Place::system) return;
  std::string needed_by;
  for (const std::string& by : dependency.needed_by) needed_by += (needed_by.empty() ? "" : ", ") + printable(by);
  line("      needed by " + needed_by);
  for (const Misfit& misfit : dependency.misfits)
    line("      does not fit: " + printable(path_text(misfit.path)) + " (" + printable(misfit.reason) + ")");
  if (!dependency.advice.empty()) line("      " + printable(dependency.advice));
}

void Writer::write_dependencies() {
  const auto& list = report_.dependencies.list;
  if (list.empty()) return;
  heading("Dependencies", list.size());
  std::size_t hidden = 0;
  for (const ResolvedDependency& dependency : list) {
    const bool there = dependency.place == Place::found || dependency.place == Place::system;
    // What the system's own libraries need among themselves is of interest only where it is missing.
    if (there && !dependency.direct && dependency.from_system && !is_visual_runtime(dependency.product))
      ++hidden;
    else
      write_dependency(dependency);
  }
  if (hidden != 0) line("    … and " + std::to_string(hidden) + " libraries of the system that these need");
  if (!report_.dependencies.complete) line("    … and more, which were not followed");
}

void Writer::write_missing_names() {
  const auto& versions = report_.dependencies.missing_versions;
  if (!versions.empty()) heading("Missing versions", versions.size());
  for (std::size_t i = 0; i < versions.size() && room(i, versions.size()); ++i)
    line("  " + paint(Colour::red, printable(versions[i].name)) + " of " + printable(versions[i].expected_in) +
         ", needed by " + printable(versions[i].needed_by));
  const auto& symbols = report_.dependencies.missing_symbols;
  if (!symbols.empty()) heading("Missing names", symbols.size());
  for (std::size_t i = 0; i < symbols.size() && room(i, symbols.size()); ++i) {
    const MissingSymbol& symbol = symbols[i];
    std::string name = printable(symbol.name) + (symbol.version.empty() ? "" : "@" + printable(symbol.version));
    line("  " + paint(Colour::red, name) + ", imported by " + printable(symbol.needed_by) +
         (symbol.expected_in.empty() ? ", is in none of the libraries"
                                     : ", is not in " + printable(symbol.expected_in)) +
         (symbol.delayed ? " (missed when first called)" : ""));
  }
}

std::string Writer::describe_export(const Export& symbol) const {
  std::string text = "  ";
  if (image_.format == Format::pe) text += padded(std::to_string(symbol.ordinal.value_or(0)), 6) + " ";
  if (!symbol.forwarder.empty())
    text += padded("-> " + printable(symbol.forwarder), image_.bits / 4 + 12) + "  ";
  else
    text += hexadecimal(symbol.address, image_.format == Format::pe ? 8 : image_.bits / 4) + "  ";
  text += padded(symbol.type == SymbolType::function ? "" : symbol.forwarder.empty() ? to_string(symbol.type) : "", 8);
  text += symbol.name.empty() ? paint(Colour::grey, "(by ordinal only)") : printable(symbol.name);
  if (!symbol.version.empty())
    text += paint(Colour::grey, (symbol.default_version ? "@@" : "@") + printable(symbol.version));
  std::string plain;
  if (symbol.plain.decoration != Decoration::none && symbol.plain.name != symbol.name)
    plain = printable(symbol.plain.name);
  if (symbol.plain.convention != Convention::unknown)
    plain += (plain.empty() ? "" : ", ") + std::string(to_string(symbol.plain.convention));
  if (symbol.plain.argument_bytes) plain += ", " + std::to_string(*symbol.plain.argument_bytes) + " bytes of arguments";
  if (!plain.empty()) text += "   " + paint(Colour::grey, plain);
  return text;
}

void Writer::write_exports() {
  if (image_.kind == Kind::object || image_.kind == Kind::core) return;
  heading("Exports", image_.exports.size());
  std::vector<const Export*> order;
  for (const Export& symbol : image_.exports) order.push_back(&symbol);
  // A PE table is in the order of the ordinals, an ELF table in that of its hashes.
  if (image_.format == Format::elf)
    std::sort(order.begin(), order.end(), [](const Export* a, const Export* b) {
      return std::tie(a->name, a->version) < std::tie(b->name, b->version);
    });
  for (std::size_t i = 0; i < order.size() && room(i, order.size()); ++i) line(describe_export(*order[i]));
}

void Writer::write_imports() {
  const auto write = [this](const std::string& title, const std::vector<Import>& imports) {
    if (imports.empty()) return;
    heading(title, imports.size());
    for (std::size_t i = 0; i < imports.size() && room(i, imports.size()); ++i) {
      const Import& import = imports[i];
      line("  " + (import.ordinal ? "#" + std::to_string(*import.ordinal) : printable(import.name)) +
           (import.version.empty() ? "" : paint(Colour::grey, "@" + printable(import.version))) +
           (import.weak ? paint(Colour::grey, " (may be missing)") : ""));
    }
  };
  for (const Dependency& dependency : image_.dependencies)
    write("Imports from " + printable(dependency.name) + (dependency.delayed ? ", when first called" : ""),
          dependency.imports);
  write("Imports from any library", image_.elf.imports);
}

std::string Writer::write() {
  write_head();
  write_details();
  write_verdict();
  write_dependencies();
  write_missing_names();
  write_exports();
  write_imports();
  return std::move(text_);
}

}  // namespace

std::string to_text(const Report& report, const TextOptions& options) { return Writer(report, options).write(); }

}  // namespace halfword::inspect
