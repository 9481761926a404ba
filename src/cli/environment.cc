#include "cli/environment.h"

#include <cerrno>
#include <cstdlib>
#include <system_error>

#include <unistd.h>

#include "app/kinds.h"
#include "cli/exit_codes.h"

namespace weir::cli {
namespace {

std::string current_directory() {
  std::string path(4096, '\0');
  if (::getcwd(path.data(), path.size()) == nullptr) return "/";
  path.resize(path.find('\0'));
  return path;
}

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

}  // namespace

Environment::Environment()
    : clock(system_clock_source()),
      random(system_random()),
      files(posix_file_env()),
      store(make_local_store(posix_file_env())),
      working_directory(current_directory()),
      kinds(app::all_kinds()) {}

planner::PlanEnvironment Environment::plan_environment() {
  config::References references;
  references.environment = [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return std::string(value);
  };
  references.files = &files;
  references.on_secret = [this](std::string_view value) { redactor.register_secret(value); };
  return {.kinds = &kinds,
          .files = &files,
          .references = std::move(references),
          .working_directory = working_directory,
          .warehouse = absolute_or_empty(warehouse),
          .default_warehouse = absolute_or_empty(variable("WEIR_WAREHOUSE")),
          .catalog_name = {}};
}

std::string Environment::absolute_or_empty(const std::string& path) const {
  return path.empty() ? path : planner::absolute_path(working_directory, path);
}

std::optional<planner::Plan> Environment::load_plan(const std::string& file) {
  return load_plan(file, plan_environment());
}

std::optional<planner::Plan> Environment::load_plan(const std::string& file,
                                                    const planner::PlanEnvironment& plan_environment) {
  config::Diagnostics diagnostics;
  std::optional<planner::Plan> plan = planner::make_plan(file, plan_environment, diagnostics);
  plan_exit_code_ = diagnostics.blames_the_file() ? kExitUsage : kExitFailed;
  if (json && !diagnostics.ok())
    console.out(redactor.redact_registered(diagnostics.to_json()) + "\n");
  else
    print(diagnostics);
  return plan;
}

void Environment::print(const config::Diagnostics& diagnostics) {
  console.err(redactor.redact_registered(diagnostics.render()));
}

std::optional<lake::BoundCatalog> Environment::catalog_of(const std::string& pipeline_file, const std::string& name) {
  planner::PlanEnvironment planning = plan_environment();
  planning.catalog_name = name;
  if (!pipeline_file.empty()) {
    std::optional<planner::Plan> plan = load_plan(pipeline_file, planning);
    return plan ? std::optional(std::move(plan->catalog)) : std::nullopt;
  }
  Result<lake::BoundCatalog> catalog = planner::default_catalog(planning);
  if (catalog.ok()) return *std::move(catalog);
  plan_exit_code_ = fail(*this, catalog.error());
  return std::nullopt;
}

Result<std::unique_ptr<lake::Catalog>> Environment::open_catalog(const lake::BoundCatalog& catalog,
                                                                 lake::CatalogAccess access, ObjectRemover* remover) {
  return catalog.open(access, {.store = *store, .files = files, .clock = clock, .random = random, .remover = remover});
}

Result<std::string> read_stdin(size_t bytes_max) {
  std::string text;
  char piece[16 * 1024];
  while (true) {
    const ssize_t n = ::read(STDIN_FILENO, piece, sizeof piece);
    if (n == 0) return text;
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Error(ErrorKind::io, "cannot read stdin: " + std::generic_category().message(errno));
    if (text.size() + static_cast<size_t>(n) > bytes_max)
      return Error(ErrorKind::limit_exceeded, "stdin has more than " + format_bytes(static_cast<int64_t>(bytes_max)));
    text.append(piece, static_cast<size_t>(n));
  }
}

int fail(Environment& environment, const Error& error) {
  environment.console.error(error);
  if (error.kind() == ErrorKind::fenced) return kExitFenced;
  return error.domain() == ErrorDomain::user ? kExitUsage : kExitFailed;
}

}  // namespace weir::cli
