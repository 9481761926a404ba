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
  std::string from;            ///< folder of a savepoint; empty: where the tables are
  int64_t accept_rejects = 0;  ///< so many stop nothing this time; 0: as the pipeline file says
};
int run_command(Environment& environment, const RunArguments& arguments);

struct ValidateArguments {
  std::string pipeline_file;
};
int validate_command(Environment& environment, const ValidateArguments& arguments);

struct PlanArguments {
  std::string pipeline_file;
  bool detailed_exit_code = false;
  int64_t sample = 0;   ///< events of each source that are decoded
  std::string against;  ///< another pipeline file that is shown the same events
};
int plan_command(Environment& environment, const PlanArguments& arguments);

struct TestArguments {
  std::string pipeline_file;
  std::vector<std::string> names;  ///< run only the cases with these names
};
int test_command(Environment& environment, const TestArguments& arguments);

struct SchemaArguments {
  std::string what = "pipeline";  ///< pipeline, contract, test, or output-COMMAND
};
int schema_command(Environment& environment, const SchemaArguments& arguments);

/// Where a command that looks at tables finds the catalog; see Environment::catalog_of().
struct CatalogArguments {
  std::string pipeline_file;  ///< empty: not by a pipeline
  std::string catalog_name;   ///< empty: the pipeline's, else "weir"
};

struct QueryArguments {
  CatalogArguments catalog;
  std::string sql;          ///< "-": from stdin; empty: from `file`, else from stdin
  std::string file;         ///< with SQL
  std::string format;       ///< table, csv, json or parquet; empty: table, or json with --json
  std::string output;       ///< a file instead of stdout
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
  bool state = false;  ///< forget: what the steps remember
  std::optional<int64_t> next;
  std::vector<std::string> tables;
  std::string reason;
};
int progress_command(Environment& environment, const ProgressArguments& arguments);

struct SavepointArguments {
  std::string pipeline_file;
  std::string to;  ///< folder; empty: one in the pipeline's store, named by time and commit
};
int savepoint_command(Environment& environment, const SavepointArguments& arguments);

struct InitArguments {
  std::vector<std::string> data;  ///< files, or one folder; none: a topic
  std::string brokers;
  std::string topic;
  std::string directory = ".";
  std::string name;    ///< of the pipeline; empty: from the data's name
  std::string table;   ///< empty: NAME.events
  std::string format;  ///< json or csv; empty: by looking
};
int init_command(Environment& environment, const InitArguments& arguments);

struct TryArguments {
  std::string contract_file;
  std::string sample = "-";
  std::string format;  ///< json or csv; empty: by looking
  std::string delimiter = ",";
  int64_t rows_max = 20;  ///< shown; everything is decoded
  bool watch = false;
};
int try_command(Environment& environment, const TryArguments& arguments);

struct WhyArguments {
  std::string pipeline_file;
  std::string position;  ///< PARTITION:OFFSET
  std::string source;    ///< empty: the only one
};
int why_command(Environment& environment, const WhyArguments& arguments);

int version_command(Environment& environment);

}  // namespace weir::cli
