#include "planner/plan.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>

#include "base/suggest.h"
#include "config/file_errors.h"
#include "planner/catalog_binder_internal.h"
#include "planner/step_binder_internal.h"
#include "planner/streams_internal.h"
#include "storage/object_store.h"

namespace weir::planner {
namespace {

constexpr int64_t kConfigBytesMax = int64_t{1} * 1024 * 1024;

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

/// Of "10%"; the pattern was checked before, and what breaks it is reported.
int percent(const std::string& text) {
  return std::atoi(text.c_str());
}

/// Builds a plan piece by piece and goes on after errors, so that one run reports them all.
class Planner {
 public:
  Planner(const config::Document& document, const PlanEnvironment& environment, std::string folder,
          config::Diagnostics& diagnostics)
      : document_(document),
        environment_(environment),
        kinds_(*environment.kinds),
        diagnostics_(diagnostics),
        errors_(document, diagnostics),
        streams_(errors_) {
    plan_.kinds = environment.kinds;
    plan_.file = document.file();
    plan_.folder = std::move(folder);
  }

  std::optional<Plan> run(PipelineSpec spec) {
    if (!spec.pipeline->empty() && !is_name(*spec.pipeline))
      error(spec.pipeline.location, "a pipeline's name is 1 to 64 letters, digits, '_' or '-'");
    plan_.pipeline = *spec.pipeline;
    plan_.commit = spec.commit;
    if (spec.reject_limit) {
      plan_.reject_limits = {.warn_percent = percent(spec.reject_limit->warn),
                             .stop_percent = percent(spec.reject_limit->stop),
                             .is_chosen = true};
    }
    plan_.resources = spec.resources;
    plan_sources(spec);
    plan_steps(spec);
    plan_sinks(spec);
    plan_dead_letter(spec);
    check_all_is_used(spec);
    plan_places(spec);
    plan_memory(spec.resources);
    if (!diagnostics_.ok()) return std::nullopt;
    return std::move(plan_);
  }

 private:
  void error(const config::Location& location, std::string message) { errors_.at(location, std::move(message)); }
  void error_at(const std::string& path, std::string message) { errors_.at_path(path, std::move(message)); }

  void plan_memory(const ResourcesSpec& resources) {
    MemoryShares& memory = plan_.memory;
    if (resources.memory && resources.writer_memory)
      return error(resources.memory->location, "writer_memory would take from it what is divided: give one of the two");
    if (resources.memory) {
      MemoryNeeds needs;
      needs.budget_bytes = resources.memory->value.bytes;
      needs.tasks = resources.tasks;
      for (const PlannedSource& source : plan_.sources) {
        needs.event_bytes_max = std::max(needs.event_bytes_max, source.events.bytes_max);
        needs.fetch_bytes += source.bound.fetch_bytes;
      }
      for (const PlannedStep& step : plan_.steps) {
        for (const PlannedOperator& one : step.operators) needs.keyed_steps += one.bound.key ? 1 : 0;
      }
      const Result<MemoryShares> shares = divide_memory(needs);
      if (!shares.ok()) return error(resources.memory->location, shares.error().message());
      memory = *shares;
    }
    if (resources.writer_memory) memory.writer_bytes = resources.writer_memory->bytes;
  }

  void plan_sources(const PipelineSpec& spec) {
    if (spec.source) plan_source("source", *spec.source, "source");
    for (const auto& [name, source] : spec.sources) plan_source(name, source, config::path_key("sources", name));
  }

  void plan_source(const std::string& name, const SourceSpec& spec, const std::string& path) {
    if (!is_name(name)) error_at(path, "a source's name is 1 to 64 letters, digits, '_' or '-'");
    PlannedSource source{.name = name, .events = {}, .bound = bind_source(name, spec, path), .contract = nullptr};
    source.events = {.format = source.bound.format, .bytes_max = spec.event_max.bytes, .depth_max = spec.depth_max};
    source.contract = contract_of(source, spec.contract);
    streams_.add(name, path, {stream_of(source)});
    plan_.sources.push_back(std::move(source));
  }

  BoundSource bind_source(const std::string& name, const SourceSpec& spec, const std::string& path) {
    const std::function<std::string(const std::string&)> absolute = [&](const std::string& place) {
      return absolute_path(plan_.folder, place);
    };
    const SourceContext context{.name = name,
                                .pipeline = plan_.pipeline,
                                .path = path,
                                .absolute = absolute,
                                .formats = kinds_.formats,
                                .format = format_kind(spec.format),
                                .event_bytes_max = static_cast<size_t>(spec.event_max.bytes),
                                .tasks = plan_.resources.tasks,
                                .errors = errors_};
    BoundSource bound;
    for (const SourceKind& kind : kinds_.sources) {
      const void* part = spec.parts.at(kind.key).get();
      if (kind.is_given(part)) bound = kind.bind(part, context);
    }
    return bound;
  }

  /// The kind called `name`; the file's reader has refused what is none.
  const codec::FormatKind& format_kind(const std::string& name) const {
    const auto found = std::find_if(kinds_.formats.begin(), kinds_.formats.end(),
                                    [&](const codec::FormatKind& kind) { return kind.name == name; });
    return found == kinds_.formats.end() ? kinds_.formats.front() : *found;
  }

  static Stream stream_of(const PlannedSource& source) {
    Stream stream;
    if (!source.contract) return stream;
    stream.schema = source.contract->schema;
    if (source.contract->event_time) stream.event_time = stream.schema->field(*source.contract->event_time).name;
    stream.sources = {source.name};
    return stream;
  }

  /// Sources that name the same file share its contract, and its errors are said once.
  std::shared_ptr<const contract::Contract> contract_of(const PlannedSource& source,
                                                        const config::Located<std::string>& named) {
    if (named->empty()) {
      if (diagnostics_.ok()) error_at("", "source '" + source.name + "': the contract is missing");
      return nullptr;  // else the file's reader has said so
    }
    const std::string file = absolute_path(plan_.folder, *named);
    const auto [known, is_new] = contracts_.emplace(file, nullptr);
    if (is_new) known->second = load_contract(named, file);
    if (known->second) check_decoder(source, named.location, *known->second);
    return known->second;
  }

  std::shared_ptr<const contract::Contract> load_contract(const config::Located<std::string>& named,
                                                          const std::string& file) {
    Result<std::string> text = read_file(*environment_.files, file, kConfigBytesMax);
    if (!text.ok()) {
      diagnostics_.error(named.location, text.error());
      return nullptr;
    }
    config::References references = environment_.references;
    references.base_directory = parent_directory(file);
    const std::optional<config::Document> document = config::parse(shown_path(*named), *text, diagnostics_);
    if (!document) return nullptr;
    std::optional<contract::Contract> loaded =
        contract::load(*document, references, diagnostics_, contract::OnErrors::as_far_as_read);
    if (!loaded) return nullptr;
    check_rules(*document, *loaded);
    return std::make_shared<const contract::Contract>(*std::move(loaded));
  }

  /// A file that stands beside the pipeline file, as people call it who gave us that one's path.
  std::string shown_path(const std::string& path) const {
    const size_t slash = document_.file().rfind('/');
    if (path.starts_with('/') || path.starts_with("file:") || slash == std::string::npos) return path;
    return document_.file().substr(0, slash + 1) + path;
  }

  void check_decoder(const PlannedSource& source, const config::Location& location,
                     const contract::Contract& contract) {
    if (!source.events.format.make_decoder) return;
    const Result<void> checked = kinds_.intakes->check_decoder(source.events, contract);
    if (!checked.ok()) error(location, checked.error().message());
  }

  /// SQL rules are bound here, so that an unknown column in one is an error of the contract file and not of the run.
  void check_rules(const config::Document& document, const contract::Contract& contract) {
    config::FileErrors errors(document, diagnostics_);
    for (ContractFault& fault : kinds_.intakes->check_rules(contract, kept_))
      errors.in_text(fault.location, fault.offset, std::move(fault.message));
  }

  void plan_steps(const PipelineSpec& spec) {
    if (plan_.sources.size() == 1) streams_.set_above(plan_.sources.front().name);
    StepBinder binder(kinds_.steps, streams_, errors_, kept_);
    for (size_t i = 0; i < spec.steps.size(); ++i) {
      const auto& name = spec.steps[i].name;
      if (!name->empty() && !is_name(*name))
        error(name.location, "a step's name is 1 to 64 letters, digits, '_' or '-'");
      plan_.steps.push_back(binder.bind(spec.steps[i], config::path_index("steps", i)));
      streams_.set_above(*name);
    }
  }

  void plan_sinks(PipelineSpec& spec) {
    if (spec.sink) plan_sink("sink", *spec.sink, "sink");
    for (const auto& [name, sink] : spec.sinks) plan_sink(name, sink, config::path_key("sinks", name));
  }

  void plan_sink(const std::string& name, const SinkSpec& spec, const std::string& path) {
    if (!is_name(name)) error_at(path, "a sink's name is 1 to 64 letters, digits, '_' or '-'");
    if (name == kDeadLetterSink) error_at(path, "the name 'dead_letter' is taken by the dead letter");
    FoundStream found = streams_.find(spec.from ? &*spec.from : nullptr, path);
    PlannedSink sink{.name = name,
                     .input = std::move(found.input),
                     .definition = {},
                     .is_lead = spec.lead,
                     .write_properties = {},
                     .evolution = {}};
    const auto leads = [](const PlannedSink& other) { return other.is_lead; };
    if (spec.lead && std::any_of(plan_.sinks.begin(), plan_.sinks.end(), leads))
      error_at(config::path_key(path, "lead"), "another sink leads already: one table decides");
    const auto kind = std::find_if(kinds_.sinks.begin(), kinds_.sinks.end(),
                                   [&](const SinkKind& one) { return one.is_given(spec.parts.at(one.key).get()); });
    if (kind == kinds_.sinks.end()) return;  // reported as missing
    if (found.stream.has_changes) {
      error_at(path,
               "its rows are changes (updates and removals) of a database, and a table of mode 'append' takes rows "
               "that stay as they are");
    }
    BoundSink bound = kind->bind(spec.parts.at(kind->key).get(), sink.input.schema, path, errors_);
    sink.definition = std::move(bound.definition);
    sink.definition.table = parse_table(bound.table);
    sink.write_properties = std::move(bound.write_properties);
    sink.evolution = std::move(bound.evolution);
    plan_.sinks.push_back(std::move(sink));
  }

  void plan_dead_letter(const PipelineSpec& spec) {
    plan_.dead_letter.schema = kinds_.intakes->dead_letter_schema();
    if (spec.dead_letter) {
      plan_.dead_letter.table = parse_table(spec.dead_letter->table);
    } else if (!plan_.sinks.empty()) {
      plan_.dead_letter.table = plan_.sinks.front().definition.table;
      plan_.dead_letter.table.name += "_dead_letter";
      check_default_dead_letter();
    }
  }

  void check_default_dead_letter() {
    const std::string name = plan_.dead_letter.table.to_string();
    const auto other = tables_.find(name);
    if (other != tables_.end()) {
      error(other->second, "the table '" + name +
                               "' is where rejected events go by default; name another one here, or " +
                               "say with `dead_letter` where they go");
    } else if (!plan_.sinks.front().definition.table.name.empty() && !lake::TableIdentifier::parse(name).ok()) {
      error_at("", "the table '" + name + "' for rejected events would have too long a name: say with `dead_letter` " +
                       "where they go");
    }
  }

  /// What nothing takes would be read, marked as done and be in no table.
  void check_all_is_used(const PipelineSpec& spec) {
    if (streams_.has_unknown_input() || (!spec.sink && spec.sinks.empty())) return;  // who takes what is not known
    const auto check = [&](const std::string& name, const char* what, const std::string& path) {
      if (streams_.is_used(name)) return;
      error_at(path, std::string("no step and no sink takes the ") + what + " '" + name +
                         "', and its events would be lost: name it in a `from`, or take it out");
    };
    if (spec.source) check("source", "source", "source");
    for (const auto& [name, source] : spec.sources) check(name, "source", config::path_key("sources", name));
    for (size_t i = 0; i < spec.steps.size(); ++i) check(*spec.steps[i].name, "step", config::path_index("steps", i));
  }

  /// Two writers of one pipeline into one table would each be the table's only truth about progress.
  lake::TableIdentifier parse_table(const config::Located<std::string>& text) {
    if (text->empty()) return {};  // the file's reader has said so
    Result<lake::TableIdentifier> table = lake::TableIdentifier::parse(*text);
    if (!table.ok()) {
      error(text.location, table.error().message());
      return {};
    }
    if (!tables_.emplace(table->to_string(), text.location).second)
      error(text.location, "the table '" + *text + "' is written by another sink of this pipeline");
    return *std::move(table);
  }

  void plan_places(const PipelineSpec& spec) {
    plan_.catalog = bind_catalog(environment_, &spec.catalog.parts, plan_.folder, errors_);
    if (spec.state.empty() && plan_.catalog.state_root.empty())
      error_at("catalog", "it keeps no files of pipelines: say with `state` which folder does");
    plan_.state_directory = absolute_path(
        plan_.folder, spec.state.empty() ? plan_.catalog.state_root + "/.weir/" + plan_.pipeline : spec.state);
    for (const auto& test : spec.tests) {
      plan_.tests.push_back(absolute_path(plan_.folder, *test));
      const Result<FileStat> facts = environment_.files->stat(plan_.tests.back());
      if (!facts.ok()) error(test.location, facts.error().message());
    }
  }

  const config::Document& document_;
  const PlanEnvironment& environment_;
  const Kinds& kinds_;
  config::Diagnostics& diagnostics_;
  config::FileErrors errors_;
  Streams streams_;
  Plan plan_;
  std::map<std::string, config::Location> tables_;
  std::map<std::string, std::shared_ptr<const contract::Contract>> contracts_;  ///< by absolute path; null when wrong
  std::vector<std::shared_ptr<void>> kept_;                                     ///< see StepContext
};

}  // namespace

std::string absolute_path(const std::string& folder, const std::string& path) {
  return *file_path(file_uri(path, folder));
}

std::optional<Plan> make_plan(const std::string& file, const PlanEnvironment& environment,
                              config::Diagnostics& diagnostics) {
  const std::string path = absolute_path(environment.working_directory, file);
  Result<std::string> text = read_file(*environment.files, path, kConfigBytesMax);
  if (!text.ok()) {
    diagnostics.error({.file = file, .at = {}, .path = {}}, text.error());
    return std::nullopt;
  }
  const std::optional<config::Document> document = config::parse(file, *text, diagnostics);
  if (!document) return std::nullopt;
  config::References references = environment.references;
  references.base_directory = parent_directory(path);
  PipelineSpec spec;
  // What is wrong keeps its default: go on and find the other errors.
  config::bind(*document, references, spec, diagnostics, environment.kinds->context());
  return Planner(*document, environment, parent_directory(path), diagnostics).run(std::move(spec));
}

}  // namespace weir::planner
