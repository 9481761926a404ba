/// \file
/// The Iceberg sink: the one place that joins dataflow to lake. Tables of a pipeline, its dead letter among them, are
/// committed together.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "dataflow/sink.h"
#include "dataflow/task_share.h"
#include "iceberg/schema_evolution.h"
#include "lake/catalog/catalog.h"
#include "storage/object_store.h"

namespace weir::connector {

/// One table that a pipeline writes.
struct IcebergTarget {
  std::string sink;                  ///< name of the sink in the pipeline file
  lake::TableDefinition definition;  ///< what the table must look like; it is made so when it is missing
  bool is_dead_letter = false;
  bool is_lead = false;                    ///< its commit decides; with none, the first one's does
  iceberg::StringMap write_properties;     ///< go before the table's own when its files are written
  iceberg::EvolutionRules evolution = {};  ///< how a table that is there may change to take the rows
};

struct IcebergSinkOptions {
  std::string pipeline;  ///< stable id: progress and fence are keyed by it
  std::vector<IcebergTarget> targets;
  std::string store_folder;  ///< URI of the pipeline's store, for progress that is too large for a table property
  int64_t target_file_bytes = int64_t{256} * 1024 * 1024;
  int64_t keep_snapshots = 0;  ///< newest snapshots of each table that stay in its history; 0: all
  int64_t writer_memory_bytes = int64_t{256} * 1024 * 1024;  ///< of all writers of one task together
  /// Takes what open() does to tables and what it leaves, a line each; may be empty.
  std::function<void(bool is_warning, std::string_view line)> say = {};
};

/// The committer and the writers of one pipeline. The members share what open() loaded; the committer outlives the
/// writers.
class IcebergSinks {
 public:
  virtual ~IcebergSinks() = default;
  /// The pipeline's committer; hand it to the host.
  virtual std::unique_ptr<SinkCommitter> take_committer() = 0;
  /// Makes a writer of `sink` for one task; after the committer's open(). Batches have the columns of the target's
  /// schema, matched by name.
  virtual Result<std::unique_ptr<SinkWriter>> make_writer(const std::string& sink, const SchemaPtr& input,
                                                          TaskShare share) = 0;
};

/// All references outlive the sinks and what they make.
std::unique_ptr<IcebergSinks> make_iceberg_sinks(IcebergSinkOptions options, lake::Catalog& catalog, ObjectStore& store,
                                                 const Clock& clock, RandomSource& random);

/// Checks that batches with columns `input` can be written to a table with columns `table`: each required column is
/// there, each column has a place and its type. Errors: invalid_argument, naming all differences.
Result<void> check_columns_fit(const Schema& input, const Schema& table);

}  // namespace weir::connector
