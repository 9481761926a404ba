/// \file
/// The commands. Each returns an exit code and has printed whatever there is to say.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/environment.h"

namespace weir::cli {

struct RunArguments {
  std::string pipeline_file;
  bool once = false;
  std::optional<std::string> http;  ///< "127.0.0.1:9464": where /metrics, /livez and /readyz listen
  bool quiet = false;
};
int run_command(Environment& environment, const RunArguments& arguments);

struct ValidateArguments {
  std::string pipeline_file;
};
int validate_command(Environment& environment, const ValidateArguments& arguments);

struct PlanArguments {
  std::string pipeline_file;
  bool detailed_exit_code = false;
};
int plan_command(Environment& environment, const PlanArguments& arguments);

struct TestArguments {
  std::string pipeline_file;
  std::vector<std::string> names;  ///< run only the cases with these names
};
int test_command(Environment& environment, const TestArguments& arguments);

struct SchemaArguments {
  std::string what = "pipeline";  ///< pipeline, contract or test
};
int schema_command(Environment& environment, const SchemaArguments& arguments);

/// Where a command that looks at tables finds the catalog.
struct CatalogArguments {
  std::string warehouse = "./warehouse";
  std::string catalog_name = "weir";
};

struct QueryArguments {
  CatalogArguments catalog;
  std::string sql;
  int64_t rows_max = 0;     ///< 0: all
  int64_t time_ms_max = 0;  ///< 0: no limit
};
int query_command(Environment& environment, const QueryArguments& arguments);

struct TableArguments {
  CatalogArguments catalog;
  std::string action;                  ///< list, show, snapshots, files or history
  std::string table;                   ///< empty for list, and only there
  std::optional<int64_t> snapshot_id;  ///< files only
};
int table_command(Environment& environment, const TableArguments& arguments);

struct ProgressArguments {
  std::string action;  ///< show, set, forget or join
  std::string pipeline_file;
  std::string source;  ///< empty: the only one
  std::vector<std::string> partitions;
  bool all = false;
  std::optional<int64_t> next;
  std::vector<std::string> tables;
  std::string reason;
};
int progress_command(Environment& environment, const ProgressArguments& arguments);

int version_command(Environment& environment);

}  // namespace weir::cli
