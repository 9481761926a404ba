#include "cli/environment.h"

#include <cstdlib>

#include <unistd.h>

#include "cli/exit_codes.h"

namespace weir::cli {
namespace {

std::string current_directory() {
  std::string path(4096, '\0');
  if (::getcwd(path.data(), path.size()) == nullptr) return "/";
  path.resize(path.find('\0'));
  return path;
}

}  // namespace

Environment::Environment()
    : clock(system_clock_source()),
      random(system_random()),
      files(posix_file_env()),
      store(make_local_store(posix_file_env())),
      working_directory(current_directory()) {}

planner::PlanEnvironment Environment::plan_environment() {
  config::References references;
  references.environment = [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return std::string(value);
  };
  references.files = &files;
  references.on_secret = [this](std::string_view value) { redactor.register_secret(value); };
  return {.files = &files, .references = std::move(references), .working_directory = working_directory};
}

std::optional<planner::Plan> Environment::load_plan(const std::string& file) {
  config::Diagnostics diagnostics;
  std::optional<planner::Plan> plan = planner::make_plan(file, plan_environment(), diagnostics);
  const std::string text = diagnostics.render();
  if (json && !diagnostics.ok())
    console.out(diagnostics.to_json() + "\n");
  else
    console.err(text);
  return plan;
}

Result<std::unique_ptr<lake::Catalog>> Environment::open_catalog(const lake::SqliteCatalogOptions& options) {
  return lake::open_sqlite_catalog(options, *store, files, clock, random);
}

int fail(Environment& environment, const Error& error) {
  environment.console.error(error);
  if (error.kind() == ErrorKind::fenced) return kExitFenced;
  return error.domain() == ErrorDomain::user ? kExitUsage : kExitFailed;
}

}  // namespace weir::cli
