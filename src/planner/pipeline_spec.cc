#include "planner/pipeline_spec.h"

#include "planner/kinds.h"

namespace weir::planner {
namespace {

using config::Description;
using config::Duration;

/// Lets each kind describe its key; returns all of them.
template <typename Kind>
std::vector<std::string> describe_kinds(Description& d, const std::vector<Kind>& kinds, SpecParts& parts) {
  std::vector<std::string> keys;
  for (const Kind& kind : kinds) {
    std::shared_ptr<void>& part = parts[kind.key] = kind.make_spec();
    kind.describe(d, part.get());
    keys.push_back(kind.key);
  }
  return keys;
}

}  // namespace

void describe(Description& d, SourceSpec& s) {
  d.structure("source", "Where events come from, how they are written and what they must look like.");
  d.exactly_one(describe_kinds(d, d.context<Kinds>().sources, s.parts));
  std::vector<config::AllowedText> formats;
  for (const codec::FormatKind& kind : d.context<Kinds>().formats) formats.push_back({kind.name, kind.doc});
  s.format = formats.front().text;
  d.field("format", s.format).allowed(std::move(formats)).doc("How events are written.");
  d.field("contract", s.contract)
      .required()
      .not_empty()
      .doc("File with the data contract.")
      .example("contracts/flight.yaml");
  d.field("event_max", s.event_max)
      .min(config::ByteSize{1})
      .max(config::ByteSize{int64_t{64} * 1024 * 1024})
      .doc("Larger events are rejected.");
  d.field("depth_max", s.depth_max).min(1).max(500).doc("Events nested deeper than this are rejected.");
}

void describe(Description& d, StepSpec& s) {
  d.structure("step", "One transformation. Without `from` it follows the one above, the first one the source.");
  d.field("name", s.name).required().not_empty().doc("Name of what this step yields.");
  d.field("from", s.from)
      .not_empty()
      .list_or_one()
      .doc(
          "Name of the source or step that it takes, or STEP.OUTPUT for another output of a step. Several, which must "
          "have the same columns, become one stream.");
  const std::vector<StepKind>& kinds = d.context<Kinds>().steps.all();
  describe_kinds(d, kinds, s.parts);
  std::vector<std::string> exclusive;
  for (const StepKind& kind : kinds) {
    if (!kind.goes_first) exclusive.push_back(kind.key);
  }
  d.at_most_one(exclusive);
}

void describe(Description& d, SinkSpec& s) {
  d.structure("sink", "Where rows land.");
  d.field("from", s.from).doc("Name of the source or step that it takes; by default the last step.");
  const std::vector<std::string> keys = describe_kinds(d, d.context<Kinds>().sinks, s.parts);
  d.field("lead", s.lead)
      .doc(
          "Whether this table's commits decide those of the others and keep the pipeline's progress. By default the "
          "first sink's do; a pipeline that has run stays with its lead.");
  d.exactly_one(keys);
}

void describe(Description& d, DeadLetterSpec& s) {
  d.structure("dead_letter", "The table that rejected events go to.");
  d.shorthand("table");
  d.field("table", s.table)
      .required()
      .not_empty()
      .doc("Namespace and name; by default the first sink's table with _dead_letter added.")
      .example("ops.flights_dead_letter");
}

void describe(Description& d, RejectLimitSpec& s) {
  constexpr char kPercent[] = "^(100|[1-9]?[0-9])%$";
  d.structure(
      "reject_limit",
      "What share of the events read may be rejected. It is judged before a commit, over at least 1,000 events; "
      "where it is set, at the end of `weir run --once` over any number.");
  d.shorthand("stop");
  d.field("warn", s.warn).pattern(kPercent).doc("Say so when more are rejected, with -q too.");
  d.field("stop", s.stop)
      .pattern(kPercent)
      .doc(
          "End the run, without a commit, when more are rejected; 100% never does. `weir run --accept-rejects` goes "
          "on.");
}

void describe(Description& d, CatalogSpec& s) {
  d.structure("catalog", "Which catalog keeps the tables.");
  d.at_most_one(describe_kinds(d, d.context<Kinds>().catalogs, s.parts));
}

void describe(Description& d, CommitSpec& s) {
  d.structure("commit", "When rows become visible.");
  d.field("every", s.every)
      .min(Duration(10))
      .max(Duration(86'400'000))
      .doc("Longest time between two commits while rows arrive.");
  d.field("progress_every", s.progress_every)
      .min(Duration(10))
      .max(Duration(86'400'000))
      .doc(
          "Longest time between two commits of progress alone, while events bring no rows: all filtered out, or in "
          "windows that are still open. After a crash they are read again.");
  d.field("epoch_max", s.epoch_max)
      .min(config::ByteSize{1024})
      .doc("Amount of input after which a commit is made early.");
  d.field("target_file_size", s.target_file_size)
      .min(config::ByteSize{64 * 1024})
      .doc("Size at which data files are closed.");
  d.field("stop_deadline", s.stop_deadline)
      .max(Duration(3'600'000))
      .doc("How long a stop may take before uncommitted work is given up (and read again at the next start).");
  d.field("keep_snapshots", s.keep_snapshots)
      .min(0)
      .max(100'000)
      .doc(
          "Newest snapshots that stay in a table's history, for time travel and incremental readers; 0 keeps all. "
          "Older ones leave it at a commit, unless a tag or branch holds them; no row and no file goes with them. "
          "Every commit writes the whole history again, so it costs more the more is kept.");
}

void describe(Description& d, ResourcesSpec& s) {
  d.structure("resources", "What the pipeline may use.");
  d.field("tasks", s.tasks)
      .min(1)
      .max(256)
      .doc("Tasks that run at the same time, each with its share of partitions or files.");
  d.field("memory", s.memory)
      .doc(
          "Memory of the whole process. It is divided among its parts: the program, events on their way, records "
          "fetched "
          "ahead, state, files being written. What is too little for the tasks and the largest event is refused.")
      .example("1GiB");
  d.field("writer_memory", s.writer_memory)
      .min(config::ByteSize{8 * 1024 * 1024})
      .doc(
          "Memory for data files being written, for each task; 256MiB by default. Not with `memory`, which gives it a "
          "share.");
}

void describe(Description& d, PipelineSpec& s) {
  d.structure("pipeline", "A Weir pipeline: sources, steps, sinks. Relative paths start from the folder of this file.");
  d.field("pipeline", s.pipeline)
      .required()
      .not_empty()
      .pattern("^[A-Za-z0-9_-]{1,64}$")
      .doc("Name of the pipeline. Progress is kept under it: a new name reads everything again.")
      .example("flights");
  d.field("description", s.description).doc("What the pipeline is for.");
  d.field("source", s.source).doc("The only source; it is called 'source'.");
  d.field("sources", s.sources).not_empty().doc("Sources by name.");
  d.exactly_one({"source", "sources"});
  d.field("steps", s.steps).doc("Transformations in order.");
  d.field("sink", s.sink).doc("The only sink; it is called 'sink'.");
  d.field("sinks", s.sinks).not_empty().doc("Sinks by name.");
  d.exactly_one({"sink", "sinks"});
  d.field("dead_letter", s.dead_letter).doc("The table that rejected events go to.");
  d.field("reject_limit", s.reject_limit)
      .doc("What share of rejects is too much; by default a run warns at 10% and stops at 50%.");
  d.field("catalog", s.catalog).doc("Which catalog keeps the tables.");
  d.field("commit", s.commit).doc("When rows become visible.");
  d.field("resources", s.resources).doc("What the pipeline may use.");
  d.field("state", s.state)
      .doc("Folder for commits under way and the memory of steps; by default .weir/PIPELINE in the warehouse.");
  d.field("tests", s.tests).list_or_one().doc("Files with unit tests of this pipeline, for `weir test`.");
}

}  // namespace weir::planner
