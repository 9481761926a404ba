/// \file
/// The pipeline file as structs. describe() of each says which keys there are; the strict reader and the JSON Schema
/// (`weir schema`) come from it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/binding.h"
#include "dataflow/source_kind.h"

namespace weir::planner {

/// By the key of a kind.
using SpecParts = std::map<std::string, std::shared_ptr<void>>;

/// describe() of this, of StepSpec, SinkSpec and CatalogSpec needs Kinds::context().
struct SourceSpec {
  /// What each kind of source reads of this one, of all kinds: by the kind's key.
  SpecParts parts;
  std::string format;  ///< the name of a kind; describe() sets the default
  config::Located<std::string> contract;
  config::ByteSize event_max{int64_t{1} * 1024 * 1024};
  int32_t depth_max = 64;
};

struct StepSpec {
  config::Located<std::string> name;
  std::vector<config::Located<std::string>> from;
  /// What each kind of step reads of this one, of all kinds: by the kind's key.
  SpecParts parts;
};

struct SinkSpec {
  std::optional<config::Located<std::string>> from;
  /// What each kind of sink reads of this one, of all kinds: by the kind's key.
  SpecParts parts;
  bool lead = false;
};

struct DeadLetterSpec {
  config::Located<std::string> table;
};

/// In percent of the events read.
struct RejectLimitSpec {
  std::string warn = "10%";
  std::string stop = "50%";
};

struct CatalogSpec {
  /// What each kind of catalog reads of this one, of all kinds: by the kind's key.
  SpecParts parts;
};

struct CommitSpec {
  config::Duration every{10'000};
  config::Duration progress_every{60'000};
  config::ByteSize epoch_max{int64_t{4} * 1024 * 1024 * 1024};
  config::ByteSize target_file_size{int64_t{256} * 1000 * 1000};
  config::Duration stop_deadline{30'000};
  int64_t keep_snapshots = 300;
};

struct ResourcesSpec {
  int32_t tasks = 1;
  std::optional<config::Located<config::ByteSize>> memory;
  std::optional<config::ByteSize> writer_memory;
};

struct PipelineSpec {
  config::Located<std::string> pipeline;
  std::string description;
  std::optional<SourceSpec> source;
  config::NamedList<SourceSpec> sources;
  std::vector<StepSpec> steps;
  std::optional<SinkSpec> sink;
  config::NamedList<SinkSpec> sinks;
  std::optional<DeadLetterSpec> dead_letter;
  std::optional<RejectLimitSpec> reject_limit;
  CatalogSpec catalog;
  CommitSpec commit;
  ResourcesSpec resources;
  std::string state;
  std::vector<config::Located<std::string>> tests;
};

void describe(config::Description& d, PipelineSpec& s);

}  // namespace weir::planner
