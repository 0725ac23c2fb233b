// The report as JSON. Called by the command; any thread; every name out of a file goes through printable().
#include "inspect/report_json.h"

#include "inspect/names.h"

namespace halfword::inspect {
namespace {

using Json = nlohmann::ordered_json;

std::string hexadecimal(std::uint64_t value) {
  std::string digits;
  do {
    digits.insert(digits.begin(), "0123456789abcdef"[value % 16]);
    value /= 16;
  } while (value != 0);
  return "0x" + digits;
}

// An empty text says nothing, so its key is left out.
void put(Json& object, const char* key, const std::string& text) {
  if (!text.empty()) object[key] = printable(text);
}

Json texts(const std::vector<std::string>& list) {
  Json array = Json::array();
  for (const std::string& text : list) array.push_back(printable(text));
  return array;
}

Json to_json(const Export& symbol) {
  Json object = Json::object();
  put(object, "name", symbol.name);
  if (symbol.ordinal) object["ordinal"] = *symbol.ordinal;
  if (symbol.forwarder.empty()) object["address"] = hexadecimal(symbol.address);
  put(object, "forwarder", symbol.forwarder);
  if (symbol.type != SymbolType::unknown) object["type"] = to_string(symbol.type);
  if (symbol.size != 0) object["size"] = symbol.size;
  if (!symbol.version.empty()) {
    object["version"] = printable(symbol.version);
    object["default_version"] = symbol.default_version;
  }
  if (symbol.plain.decoration != Decoration::none) {
    object["decoration"] = to_string(symbol.plain.decoration);
    put(object, "undecorated", symbol.plain.name);
  }
  if (symbol.plain.convention != Convention::unknown) object["convention"] = to_string(symbol.plain.convention);
  if (symbol.plain.argument_bytes) object["argument_bytes"] = *symbol.plain.argument_bytes;
  return object;
}

Json to_json(const std::vector<Import>& imports) {
  Json array = Json::array();
  for (const Import& import : imports) {
    Json object = Json::object();
    put(object, "name", import.name);
    if (import.ordinal) object["ordinal"] = *import.ordinal;
    if (import.hint != 0) object["hint"] = import.hint;
    put(object, "version", import.version);
    if (import.weak) object["weak"] = true;
    array.push_back(std::move(object));
  }
  return array;
}

Json to_json(const Dependency& dependency) {
  Json object = {{"name", printable(dependency.name)}, {"delayed", dependency.delayed}};
  if (!dependency.versions.empty()) {
    Json& versions = object["versions"] = Json::array();
    for (const NeededVersion& version : dependency.versions)
      versions.push_back({{"name", printable(version.name)}, {"weak", version.weak}});
  }
  object["names"] = to_json(dependency.imports);
  return object;
}

Json to_json(const PeDetails& pe) {
  Json object = {
      {"dll", pe.dll},
      {"subsystem", subsystem_name(pe.subsystem)},
      {"subsystem_version", std::to_string(pe.subsystem_major) + "." + std::to_string(pe.subsystem_minor)},
      {"image_base", hexadecimal(pe.image_base)},
      {"image_size", pe.image_size},
      {"large_address_aware", pe.large_address_aware},
      {"relocatable", pe.relocatable},
      {"dynamic_base", pe.dynamic_base},
      {"thread_local_storage", pe.thread_local_storage},
      {"wine_builtin", pe.wine_builtin},
  };
  if (pe.dotnet)
    object["dotnet"] = {{"runtime", printable(pe.dotnet->runtime)},
                        {"il_only", pe.dotnet->il_only},
                        {"requires_32bit", pe.dotnet->requires_32bit}};
  return object;
}

Json to_json(const ElfDetails& elf) {
  Json object = {
      {"dynamic", elf.dynamic},
      {"flags", hexadecimal(elf.flags)},
      {"big_endian", elf.big_endian},
      {"rpath", texts(elf.rpath)},
      {"runpath", texts(elf.runpath)},
      {"versions", texts(elf.versions)},
      {"executable_stack", elf.executable_stack},
      {"text_relocations", elf.text_relocations},
      {"static_tls", elf.static_tls},
      {"thread_local_storage", elf.thread_local_storage},
      {"no_open", elf.no_open},
      {"bind_now", elf.bind_now},
  };
  put(object, "interpreter", elf.interpreter);
  return object;
}

Json to_json(const ResolvedDependency& dependency) {
  Json object = {{"name", printable(dependency.name)}, {"place", to_string(dependency.place)}};
  if (!dependency.path.empty()) object["path"] = printable(path_text(dependency.path));
  put(object, "why", dependency.why);
  object["direct"] = dependency.direct;
  object["delayed"] = dependency.delayed;
  object["from_system"] = dependency.from_system;
  object["needed_by"] = texts(dependency.needed_by);
  put(object, "product", dependency.product);
  put(object, "advice", dependency.advice);
  Json misfits = Json::array();
  for (const Misfit& misfit : dependency.misfits)
    misfits.push_back({{"path", printable(path_text(misfit.path))}, {"reason", printable(misfit.reason)}});
  if (!misfits.empty()) object["misfits"] = std::move(misfits);
  Json nearby = Json::array();
  for (const auto& path : dependency.nearby) nearby.push_back(printable(path_text(path)));
  if (!nearby.empty()) object["nearby"] = std::move(nearby);
  if (!dependency.searched.empty()) object["searched"] = texts(dependency.searched);
  return object;
}

Json to_json(const Dependencies& dependencies) {
  Json object = {{"complete", dependencies.complete}, {"list", Json::array()}};
  for (const ResolvedDependency& dependency : dependencies.list) object["list"].push_back(to_json(dependency));
  object["missing_versions"] = Json::array();
  for (const MissingVersion& version : dependencies.missing_versions)
    object["missing_versions"].push_back({{"name", printable(version.name)},
                                          {"needed_by", printable(version.needed_by)},
                                          {"expected_in", printable(version.expected_in)}});
  object["missing_names"] = Json::array();
  for (const MissingSymbol& symbol : dependencies.missing_symbols) {
    Json missing = {{"name", printable(symbol.name)}, {"needed_by", printable(symbol.needed_by)}};
    put(missing, "version", symbol.version);
    put(missing, "expected_in", symbol.expected_in);
    missing["delayed"] = symbol.delayed;
    object["missing_names"].push_back(std::move(missing));
  }
  return object;
}

}  // namespace

Json to_json(const Report& report) {
  const Image& image = report.image;
  Json object = {
      {"file", printable(path_text(report.path))},
      {"format", to_string(image.format)},
      {"kind", to_string(image.kind)},
      {"target", printable(image.target)},
      {"machine", printable(image.machine)},
      {"os", printable(image.os)},
      {"bits", image.bits},
  };
  put(object, "own_name", image.soname);
  put(object, "own_target", report.own_target);
  object["loadable_here"] = report.loadable_here;
  put(object, "obstacle", report.obstacle);
  object["loadable_by_worker"] = report.loadable_by_worker;
  put(object, "worker_obstacle", report.worker_obstacle);
  if (image.format == Format::pe)
    object["pe"] = to_json(image.pe);
  else
    object["elf"] = to_json(image.elf);
  if (!image.notes.empty()) object["notes"] = texts(image.notes);
  object["dependencies"] = to_json(report.dependencies);
  object["exports"] = Json::array();
  for (const Export& symbol : image.exports) object["exports"].push_back(to_json(symbol));
  object["imports"] = Json::array();
  for (const Dependency& dependency : image.dependencies) object["imports"].push_back(to_json(dependency));
  if (!image.elf.imports.empty()) object["unbound_imports"] = to_json(image.elf.imports);
  if (report.loader) {
    object["test_load"] = {{"loaded", report.loader->loaded}, {"target", report.loader->target}};
    if (report.loader->system_number != 0) object["test_load"]["system_number"] = report.loader->system_number;
    put(object["test_load"], "system_text", report.loader->system_text);
  }
  return object;
}

}  // namespace halfword::inspect
