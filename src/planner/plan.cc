#include "planner/plan.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/suggest.h"
#include "connector/iceberg/iceberg_sink.h"
#include "contract/column_name.h"
#include "expression/engine.h"
#include "lake/table_writer.h"
#include "operator/operators.h"
#include "planner/partition_text.h"
#include "planner/source_settings_internal.h"
#include "storage/object_store.h"

namespace weir::planner {
namespace {

constexpr int64_t kConfigBytesMax = int64_t{1} * 1024 * 1024;

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

/// Why a new table cannot have this property; empty when it can.
std::string refused_property(const std::string& key, const std::string& value) {
  if (key.starts_with("weir.")) return "Weir keeps what it remembers of its pipelines under 'weir.'";
  if (key == "format-version") return "Weir makes tables of format version 2, and no other";
  // Other writers would obey these, and the files of the table would be of two kinds.
  if (key == "write.format.default" && value != "parquet") return "Weir writes Parquet files, and no other";
  if (key == lake::kEncodingsProperty && value != "compatible" && value != "modern")
    return "encodings are 'compatible' or 'modern'";
  if (key == "write.parquet.compression-codec" && value != "zstd") return "Weir compresses with zstd, and nothing else";
  return {};
}

/// The first refusal among fields and what is inside of them; empty when there is none.
std::string refused_column_name(const std::vector<Field>& fields) {
  for (const Field& field : fields) {
    std::string why = contract::refused_column_name(field.name);
    if (why.empty() && field.type->kind() == TypeKind::structure) why = refused_column_name(field.type->fields());
    if (!why.empty()) return why;
  }
  return {};
}

/// Builds a plan piece by piece and goes on after errors, so that one run reports them all.
class Planner {
 public:
  Planner(const config::Document& document, const PlanEnvironment& environment, std::string folder,
          config::Diagnostics& diagnostics)
      : document_(document), environment_(environment), diagnostics_(diagnostics) {
    plan_.file = document.file();
    plan_.folder = std::move(folder);
  }

  std::optional<Plan> run(PipelineSpec spec) {
    if (!spec.pipeline->empty() && !is_name(*spec.pipeline))
      error(spec.pipeline.location, "a pipeline's name is 1 to 64 letters, digits, '_' or '-'");
    plan_.pipeline = *spec.pipeline;
    plan_.commit = spec.commit;
    plan_.resources = spec.resources;
    plan_sources(spec);
    for (size_t i = 0; i < spec.steps.size(); ++i) plan_step(spec.steps[i], i);
    plan_sinks(spec);
    plan_dead_letter(spec);
    check_all_is_used(spec);
    plan_places(spec);
    if (!diagnostics_.ok()) return std::nullopt;
    return std::move(plan_);
  }

 private:
  void error(const config::Location& location, std::string message) {
    diagnostics_.error(location, std::move(message));
  }
  void error_at(const std::string& path, std::string message) {
    diagnostics_.error(document_.locate(path), std::move(message));
  }

  /// An error at a byte of the text that stands at `location`.
  void error_in_text(const config::Document& document, config::Location location, size_t offset, std::string message) {
    if (const config::Node* node = document.find(location.path)) location.at = node->position_at(offset);
    error(location, std::move(message));
  }
  void error_in_text(const std::string& path, size_t offset, std::string message) {
    error_in_text(document_, document_.locate(path), offset, std::move(message));
  }

  void plan_sources(PipelineSpec& spec) {
    if (spec.source) plan_source("source", std::move(*spec.source), "source");
    for (auto& [name, source] : spec.sources) plan_source(name, std::move(source), config::path_key("sources", name));
  }

  void plan_source(const std::string& name, SourceSpec spec, const std::string& path) {
    if (!is_name(name)) error_at(path, "a source's name is 1 to 64 letters, digits, '_' or '-'");
    if (spec.format != FormatSpec::json && spec.kafka)
      error_at(config::path_key(path, "format"), "this format is for files; Kafka messages are json");
    if (spec.files) {
      check_files(spec, config::path_key(path, "files"));
      if (!spec.files->path->empty()) spec.files->path.value = absolute_path(plan_.folder, *spec.files->path);
    }
    if (spec.kafka) check_kafka(name, spec, config::path_key(path, "kafka"));
    PlannedSource source{.name = name, .spec = std::move(spec), .contract = nullptr};
    source.contract = contract_of(source);
    add_stream(name, source.contract ? source.contract->schema : nullptr, path);
    plan_.sources.push_back(std::move(source));
  }

  void check_files(const SourceSpec& source, const std::string& path) {
    const FilesSourceSpec& spec = *source.files;
    check_local(*spec.path, config::path_key(path, "path"));
    const size_t open = spec.path->find('{');
    if (open != std::string::npos && spec.path->find(',', open) < spec.path->find('}', open))
      error_at(config::path_key(path, "path"),
               "'{a,b}' is not part of a glob here; use * ? [...] and **, or a source for each");
    check_delimiter(spec.delimiter, config::path_key(path, "delimiter"));
    if (spec.comment.size() > 1 || spec.comment == "\"" || spec.comment == spec.delimiter)
      error_at(config::path_key(path, "comment"),
               "must be one character, and neither the delimiter nor a double quote");
    if (source.format == FormatSpec::csv) return;
    const FilesSourceSpec defaults;
    for (const auto& [key, is_set] :
         {std::pair{"delimiter", spec.delimiter != defaults.delimiter},
          std::pair{"null_words", !spec.null_words.empty()}, std::pair{"trim", spec.trim},
          std::pair{"skip_lines", spec.skip_lines != 0}, std::pair{"comment", !spec.comment.empty()}}) {
      if (is_set) error_at(config::path_key(path, key), "'" + std::string(key) + "' is for `format: csv`");
    }
  }

  /// A URL would be taken for a folder of that name.
  void check_local(const std::string& where, const std::string& path) {
    const size_t colon = where.find("://");
    if (colon == std::string::npos || where.starts_with("file:") || where.find('/') < colon) return;
    error_at(path,
             "'" + where.substr(0, colon + 3) + "...' is a URL, and only local files can be used yet; give a path");
  }

  void check_delimiter(const std::string& delimiter, const std::string& path) {
    if (delimiter.size() != 1 || std::string_view("\"\n\r\0", 4).find(delimiter) != std::string_view::npos)
      error_at(path, "must be one character, and no double quote, line end or NUL: fields are made of those");
  }

  /// What can be known to be wrong before a broker is asked. A setting that the file's reader has refused has its
  /// default here and would make follow-ups.
  void check_kafka(const std::string& name, const SourceSpec& spec, const std::string& path) {
    if (has_errors_below(path)) return;
    const Result<connector::KafkaSpec> settings = kafka_settings(plan_, name, spec, false);
    if (settings.ok()) return;
    const std::string& message = settings.error().message();
    const size_t end = std::min(message.find(": "), message.size());
    std::string place = path + "." + message.substr(0, end);
    if (place.ends_with("fetch_budget_bytes")) place.resize(place.size() - std::string_view("_bytes").size());
    if (document_.find(place) != nullptr)
      error_at(place, message.substr(end + 2));
    else
      error_at(path, message);
  }

  bool has_errors_below(const std::string& path) const {
    const std::vector<config::Diagnostic> found = diagnostics_.sorted();
    return std::any_of(found.begin(), found.end(), [&](const config::Diagnostic& one) {
      return one.file == document_.file() && one.path.starts_with(path);
    });
  }

  /// Sources that name the same file share its contract, and its errors are said once.
  std::shared_ptr<const contract::Contract> contract_of(const PlannedSource& source) {
    if (source.spec.contract->empty()) {
      if (diagnostics_.ok()) error_at("", "source '" + source.name + "': the contract is missing");
      return nullptr;  // else the file's reader has said so
    }
    const std::string file = absolute_path(plan_.folder, *source.spec.contract);
    const auto [known, is_new] = contracts_.emplace(file, nullptr);
    if (is_new) known->second = load_contract(source, file);
    if (known->second) check_decoder(source, *known->second);
    return known->second;
  }

  std::shared_ptr<const contract::Contract> load_contract(const PlannedSource& source, const std::string& file) {
    Result<std::string> text = read_file(*environment_.files, file, kConfigBytesMax);
    if (!text.ok()) {
      diagnostics_.error(source.spec.contract.location, text.error());
      return nullptr;
    }
    config::References references = environment_.references;
    references.base_directory = parent_directory(file);
    const std::optional<config::Document> document =
        config::parse(shown_path(*source.spec.contract), *text, diagnostics_);
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

  void check_decoder(const PlannedSource& source, const contract::Contract& contract) {
    const operators::DecodeSpec spec{.format = source.spec.format == FormatSpec::csv ? operators::EventFormat::csv
                                                                                     : operators::EventFormat::json};
    const auto made = operators::make_decode(spec, contract);
    if (!made.ok()) error(source.spec.contract.location, made.error().message());
  }

  /// SQL rules are bound here, so that an unknown column in one is an error of the contract file and not of the run.
  void check_rules(const config::Document& document, const contract::Contract& contract) {
    const size_t errors = diagnostics_.error_count();
    for (const contract::Rule& rule : contract.rules) {
      if (rule.kind != contract::RuleKind::sql) continue;
      keep_engine();
      expression::TextPlace place;
      const auto bound = expression::RuleExpressions::bind({&rule.sql, 1}, contract.schema, {.place = &place});
      if (!bound.ok()) error_in_text(document, rule.location, place.offset, bound.error().message());
    }
    if (diagnostics_.error_count() != errors) return;
    const auto made = operators::make_validate(contract);
    if (!made.ok()) error({.file = contract.file, .at = {}, .path = "rules"}, made.error().message());
  }

  void plan_step(const StepSpec& spec, size_t number) {
    const std::string path = config::path_index("steps", number);
    const std::string above = number > 0                  ? plan_.steps.back().name
                              : plan_.sources.size() == 1 ? plan_.sources.front().name
                                                          : "";
    if (!spec.name->empty() && !is_name(*spec.name))
      error(spec.name.location, "a step's name is 1 to 64 letters, digits, '_' or '-'");
    PlannedStep step{.name = *spec.name, .from = above, .filter = {}, .select = {}, .output = nullptr};
    SchemaPtr schema = input_of(spec.from, above, path);
    step.from = last_input_;
    if (spec.filter) {
      step.filter = **spec.filter;
      if (schema) check_filter(step, schema, config::path_key(path, "filter"));
    }
    for (const auto& item : spec.select) step.select.push_back(*item);
    if (schema && !step.select.empty()) schema = check_select(step, schema, config::path_key(path, "select"));
    step.output = schema;
    add_stream(step.name, schema, path);
    plan_.steps.push_back(std::move(step));
  }

  /// The shared engine closes with its last user: held here, it is opened once for all SQL of the file.
  void keep_engine() {
    if (engine_) return;
    if (auto engine = expression::Engine::shared(); engine.ok()) engine_ = *std::move(engine);
  }

  void check_filter(const PlannedStep& step, const SchemaPtr& schema, const std::string& path) {
    keep_engine();
    expression::TextPlace place;
    const auto made = operators::make_filter(step.name, step.filter, schema, &place);
    if (!made.ok()) error_in_text(path, place.offset, made.error().message());
  }

  /// The schema that the select list yields; null when it is wrong.
  SchemaPtr check_select(const PlannedStep& step, const SchemaPtr& schema, const std::string& path) {
    keep_engine();
    expression::TextPlace place;
    const auto made = operators::make_select(step.name, step.select, schema, &place);
    if (made.ok()) return check_column_names(step, schema, (*made)->output_schema(kMainOutput), path);
    const size_t errors = diagnostics_.error_count();
    for (size_t i = 0; i < step.select.size(); ++i) {
      expression::TextPlace alone;
      const auto item = operators::make_select(step.name, {step.select[i]}, schema, &alone);
      if (!item.ok()) error_in_text(config::path_index(path, i), alone.offset, item.error().message());
    }
    if (diagnostics_.error_count() == errors)  // each is right, and they do not go together
      error_in_text(config::path_index(path, place.item), place.offset, made.error().message());
    return nullptr;
  }

  /// `output`, or null when one of its columns has a name that no table can have.
  SchemaPtr check_column_names(const PlannedStep& step, const SchemaPtr& input, const SchemaPtr& output,
                               const std::string& path) {
    const std::string why = refused_column_name(output->fields());
    if (why.empty()) return output;
    for (size_t i = 0; i < step.select.size(); ++i) {
      const auto item = operators::make_select(step.name, {step.select[i]}, input, nullptr);
      const std::string wrong = item.ok() ? refused_column_name((*item)->output_schema(kMainOutput)->fields()) : "";
      if (!wrong.empty()) error_at(config::path_index(path, i), wrong);
    }
    if (diagnostics_.ok()) error_at(path, why);
    return nullptr;
  }

  void plan_sinks(PipelineSpec& spec) {
    if (spec.sink) plan_sink("sink", *spec.sink, "sink");
    for (const auto& [name, sink] : spec.sinks) plan_sink(name, sink, config::path_key("sinks", name));
  }

  void plan_sink(const std::string& name, const SinkSpec& spec, const std::string& path) {
    if (!is_name(name)) error_at(path, "a sink's name is 1 to 64 letters, digits, '_' or '-'");
    if (name == kDeadLetterSink) error_at(path, "the name 'dead_letter' is taken by the dead letter");
    const std::string above = !plan_.steps.empty()        ? plan_.steps.back().name
                              : plan_.sources.size() == 1 ? plan_.sources.front().name
                                                          : "";
    PlannedSink sink{
        .name = name, .from = {}, .input = input_of(spec.from, above, path), .definition = {}, .write_properties = {}};
    sink.from = last_input_;
    sink.is_lead = spec.lead;
    const auto leads = [](const PlannedSink& other) { return other.is_lead; };
    if (spec.lead && std::any_of(plan_.sinks.begin(), plan_.sinks.end(), leads))
      error_at(config::path_key(path, "lead"), "another sink leads already: one table decides");
    if (!spec.iceberg) return;  // reported as missing
    const IcebergSinkSpec& iceberg = *spec.iceberg;
    sink.definition.table = parse_table(iceberg.table);
    check_properties(iceberg, config::path_key(config::path_key(path, "iceberg"), "properties"));
    sink.definition.properties = {iceberg.properties.begin(), iceberg.properties.end()};
    if (iceberg.parquet)
      sink.write_properties[lake::kEncodingsProperty] =
          iceberg.parquet->encodings == ParquetEncodings::modern ? "modern" : "compatible";
    if (sink.input) {
      sink.definition.schema = std::make_shared<const Schema>(assign_ids(sink.input->fields()));
      plan_partition(iceberg, sink.definition);
    }
    plan_.sinks.push_back(std::move(sink));
  }

  void check_properties(const IcebergSinkSpec& spec, const std::string& path) {
    for (const auto& [key, value] : spec.properties) {
      const std::string why = refused_property(key, value);
      if (!why.empty()) error_at(config::path_key(path, key), why);
    }
  }

  void plan_partition(const IcebergSinkSpec& spec, lake::TableDefinition& definition) {
    for (const auto& text : spec.partition) {
      Result<iceberg::PartitionField> field = parse_partition_field(*text, *definition.schema);
      if (!field.ok()) {
        error(text.location, field.error().message());
        continue;
      }
      field->field_id = iceberg::kPartitionFieldIdMin + static_cast<int32_t>(definition.spec.fields.size());
      definition.spec.fields.push_back(*std::move(field));
    }
    const Result<void> checked = iceberg::check_partition_spec(definition.spec, *definition.schema);
    if (!checked.ok() && !spec.partition.empty()) error(spec.partition.front().location, checked.error().message());
  }

  void plan_dead_letter(const PipelineSpec& spec) {
    plan_.dead_letter.schema = operators::dead_letter_schema();
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
    if (has_unknown_input_ || (!spec.sink && spec.sinks.empty())) return;  // who takes what is not known
    const auto check = [&](const std::string& name, const char* what, const std::string& path) {
      if (used_.contains(name)) return;
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
    const SqliteCatalogSpec sqlite = spec.catalog.sqlite.value_or(SqliteCatalogSpec());
    if (sqlite.path) check_local(*sqlite.path, "catalog");
    plan_.catalog.directory = warehouse_directory(environment_, sqlite.path, plan_.folder);
    plan_.catalog.name = sqlite.name;
    plan_.state_directory = absolute_path(
        plan_.folder, spec.state.empty() ? plan_.catalog.directory + "/.weir/" + plan_.pipeline : spec.state);
    for (const auto& test : spec.tests) {
      plan_.tests.push_back(absolute_path(plan_.folder, *test));
      const Result<FileStat> facts = environment_.files->stat(plan_.tests.back());
      if (!facts.ok()) error(test.location, facts.error().message());
    }
  }

  /// The schema of what a step or sink takes; null when that is unknown or wrong. Leaves the name in last_input_.
  SchemaPtr input_of(const std::optional<config::Located<std::string>>& from, const std::string& above,
                     const std::string& path) {
    last_input_ = from ? **from : above;
    const auto found = streams_.find(last_input_);
    if (found != streams_.end()) {
      used_.insert(last_input_);
      return found->second;
    }
    has_unknown_input_ = true;
    if (!from) {
      if (plan_.sources.size() > 1) error_at(path, "there are several sources: say with `from` which one to take");
      return nullptr;  // no source at all: that has been said
    }
    std::vector<std::string> names;
    for (const auto& [name, schema] : streams_) names.push_back(name);
    error(from->location, "there is no source or step '" + last_input_ + "' above" + did_you_mean(last_input_, names));
    const auto nearest = streams_.find(nearest_name(last_input_, names));  // most likely meant: its columns are checked
    if (nearest == streams_.end()) return nullptr;
    used_.insert(nearest->first);
    return nearest->second;
  }

  void add_stream(const std::string& name, SchemaPtr schema, const std::string& path) {
    if (!streams_.emplace(name, std::move(schema)).second) error_at(path, "the name '" + name + "' is used twice");
  }

  const config::Document& document_;
  const PlanEnvironment& environment_;
  config::Diagnostics& diagnostics_;
  Plan plan_;
  std::map<std::string, SchemaPtr> streams_;  ///< what sources and steps yield; null when they have errors of their own
  std::map<std::string, config::Location> tables_;
  std::map<std::string, std::shared_ptr<const contract::Contract>> contracts_;  ///< by absolute path; null when wrong
  std::string last_input_;
  std::set<std::string> used_;                  ///< sources and steps that a step or sink takes
  bool has_unknown_input_ = false;              ///< a step or sink takes what is not there
  std::shared_ptr<expression::Engine> engine_;  ///< null until there is SQL
};

}  // namespace

std::string absolute_path(const std::string& folder, const std::string& path) {
  return *file_path(file_uri(path, folder));
}

std::string warehouse_directory(const PlanEnvironment& environment, const std::optional<std::string>& named,
                                const std::string& folder) {
  if (!environment.warehouse.empty()) return environment.warehouse;
  if (named) return absolute_path(folder, *named);
  if (!environment.default_warehouse.empty()) return environment.default_warehouse;
  return absolute_path(folder, "warehouse");
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
  config::bind(*document, references, spec,
               diagnostics);  // what is wrong keeps its default: go on and find the other errors
  return Planner(*document, environment, parent_directory(path), diagnostics).run(std::move(spec));
}

}  // namespace weir::planner
