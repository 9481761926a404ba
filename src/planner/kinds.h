/// \file
/// What a pipeline can be made of: given by the composition root, so that the planner names no source, step, sink,
/// catalog and codec.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "codec/format_kind.h"
#include "columnar/schema.h"
#include "config/diagnostic.h"
#include "config/file_errors.h"
#include "contract/contract.h"
#include "dataflow/operator.h"
#include "dataflow/rejects.h"
#include "dataflow/sink.h"
#include "dataflow/source_kind.h"
#include "dataflow/step_kind.h"
#include "dataflow/task_share.h"
#include "iceberg/schema/schema_evolution.h"
#include "lake/catalog/catalog_kind.h"

namespace weir::planner {

struct JobEnvironment;
struct Plan;

/// How the events of a source are written, and what bounds them.
struct EventSpec {
  codec::Format format = {};  ///< empty where an error hides it
  int64_t bytes_max = 0;
  int32_t depth_max = 0;
};

/// What stands between one source and the first step of a running pipeline: the decoder of its events and the rules of
/// its contract. Thread-safe; outlived by what it makes.
class Intake {
 public:
  virtual ~Intake() = default;
  /// Raw events to the columns of the contract, for one task.
  virtual Result<std::unique_ptr<Operator>> make_decoder() const = 0;
  /// Checks that a decoder can begin with `events`, of one file: that its header fits. Errors: corrupt.
  virtual Result<void> check_first(const RawBatch& events) const = 0;
  /// The contract's rules, for one task.
  virtual Result<std::unique_ptr<Operator>> make_rules() const = 0;
  /// What is to be said to people at the end of a run, a line each.
  virtual std::vector<std::string> notes() const = 0;
};

/// Something wrong with a contract: at byte `offset` of the text that stands at `location`.
struct ContractFault {
  config::Location location;
  size_t offset = 0;
  std::string message;
};

/// Takes notes for people while a pipeline runs; any thread.
using SayNote = std::function<void(std::string_view note)>;

/// The operators that no key of the file asks for. Thread-safe.
class Intakes {
 public:
  virtual ~Intakes() = default;
  virtual std::shared_ptr<Intake> make(const EventSpec& events, std::shared_ptr<const contract::Contract> contract,
                                       SayNote say) const = 0;
  /// Whether the source's events can be decoded as the contract wants. Errors: invalid_argument, unsupported.
  virtual Result<void> check_decoder(const EventSpec& events, const contract::Contract& contract) const = 0;
  /// What is wrong with the contract's rules. `kept`: see StepContext.
  virtual std::vector<ContractFault> check_rules(const contract::Contract& contract,
                                                 std::vector<std::shared_ptr<void>>& kept) const = 0;
  /// Rejects to rows of the dead letter. `contracts`: "name version" by source; `nodes`: what its inputs come from.
  virtual std::unique_ptr<Operator> make_dead_letter(const std::string& pipeline,
                                                     const std::map<std::string, std::string>& contracts,
                                                     const std::vector<RejectingNode>& nodes) const = 0;
  /// The columns of those rows, ids assigned.
  virtual SchemaPtr dead_letter_schema() const = 0;
};

/// A sink that has been held against what it takes: the table that its rows land in.
struct BoundSink {
  config::Located<std::string> table;   ///< namespace and name as the file has them; not read yet
  lake::TableDefinition definition;     ///< all but the name; nothing but properties where the input is not known
  iceberg::StringMap write_properties;  ///< go before the table's own when its files are written
  iceberg::EvolutionRules evolution;    ///< how a table that is there may change to take the rows
};

/// One kind of sink, as kinds of steps (dataflow/step_kind.h). A sink in the file has the key of exactly one.
struct SinkKind {
  std::string key;
  std::function<std::shared_ptr<void>()> make_spec;
  std::function<bool(const void* spec)> is_given;
  /// Adds its key to the description of a sink.
  std::function<void(config::Description& sink, void* spec)> describe;
  /// `input`: the columns that come, null when an error hides them; `path`: of the sink in the file. Adds what is wrong
  /// to `errors`, all of it.
  std::function<BoundSink(const void* spec, const SchemaPtr& input, const std::string& path,
                          config::FileErrors& errors)>
      bind;
};

/// The committer of a running pipeline and what makes its writers.
struct SinkGroup {
  std::unique_ptr<SinkCommitter> committer;
  /// `input`: the columns that come; `start`: with what the committer says of the sink.
  std::function<Result<std::unique_ptr<SinkWriter>>(const SchemaPtr& input, const WriterStart& start)> make_writer;
};

/// Filled once, before any file is read.
struct Kinds {
  /// What describe() of the pipeline file's specs has to know; refers to this.
  config::DescriptionContext context() const { return config::DescriptionContext(*this, formats); }

  std::vector<SourceKind> sources;
  codec::FormatKinds formats;
  StepKinds steps;
  std::vector<SinkKind> sinks;
  std::vector<lake::CatalogKind> catalogs;  ///< at least one: the first is what a file has that names none
  std::unique_ptr<const Intakes> intakes;
  std::function<SinkGroup(const Plan& plan, const JobEnvironment& environment)> make_sinks;
};

}  // namespace weir::planner
