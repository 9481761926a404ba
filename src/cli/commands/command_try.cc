#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/suggest.h"
#include "cli/commands/commands.h"
#include "cli/exit_codes.h"
#include "cli/output/query_output.h"
#include "columnar/value_text.h"
#include "inference/sample_decoder.h"

namespace weir::cli {
namespace {

using Json = nlohmann::ordered_json;
using inference::DecodedSample;
using inference::SampleReject;

constexpr int64_t kContractBytesMax = int64_t{1} << 20;
constexpr size_t kStdinBytesMax = size_t{256} << 20;
constexpr size_t kExcerptColumns = 72;
constexpr int64_t kWatchMs = 300;  ///< how often --watch looks

/// Where the sample is: on disk, or what stdin had.
struct SampleFile {
  std::string path;
  FileEnv* files = nullptr;
  std::unique_ptr<FileEnv> memory;
};

Result<SampleFile> open_sample(Environment& environment, const TryArguments& arguments) {
  SampleFile sample;
  if (arguments.sample != "-") {
    sample.path = planner::absolute_path(environment.working_directory, arguments.sample);
    sample.files = &environment.files;
    WEIR_ASSIGN(const FileStat facts, sample.files->stat(sample.path));
    if (facts.is_directory)
      return Error(ErrorKind::invalid_argument, "'" + arguments.sample + "' is a folder; name a file");
    return sample;
  }
  WEIR_ASSIGN(std::string bytes, read_stdin(kStdinBytesMax));
  sample.path = "/stdin";
  sample.memory = inference::single_file(sample.path, std::move(bytes));
  sample.files = sample.memory.get();
  return sample;
}

struct Format {
  inference::SampleFormat format = inference::SampleFormat::json;
  char delimiter = ',';
};

Result<Format> format_of(Environment& environment, const TryArguments& arguments, const SampleFile& sample) {
  if (arguments.delimiter.size() != 1) return Error(ErrorKind::invalid_argument, "--delimiter must be one character");
  if (arguments.format == "json") return Format{};
  if (arguments.format == "csv")
    return Format{.format = inference::SampleFormat::csv, .delimiter = arguments.delimiter[0]};
  WEIR_ASSIGN(const inference::Looks looks, inference::look_at(sample.path, *sample.files, environment.clock));
  return Format{.format = looks.format,
                .delimiter = arguments.delimiter == "," ? looks.delimiter : arguments.delimiter[0]};
}

std::optional<contract::Contract> load_contract(Environment& environment, const std::string& file) {
  config::Diagnostics diagnostics;
  const std::string path = planner::absolute_path(environment.working_directory, file);
  const Result<std::string> text = read_file(environment.files, path, kContractBytesMax);
  if (!text.ok()) {
    fail(environment, text.error());
    return std::nullopt;
  }
  config::References references = environment.plan_environment().references;
  references.base_directory = parent_directory(path);
  std::optional<contract::Contract> contract = contract::load(file, *text, references, diagnostics);
  environment.print(diagnostics);
  return contract;
}

std::string rows_text(const DecodedSample& decoded, int64_t rows_max) {
  std::vector<std::vector<std::string>> rows(1);
  for (const Batch& batch : decoded.rows) {
    if (rows[0].empty()) {
      for (const Field& field : batch.schema()->fields()) rows[0].push_back(field.name);
    }
    for (int64_t row = 0; row < batch.rows() && static_cast<int64_t>(rows.size()) <= rows_max; ++row) {
      rows.emplace_back();
      for (size_t c = 0; c < batch.columns().size(); ++c) rows.back().push_back(value_text(batch.column(c), row));
    }
  }
  return rows.size() > 1 ? format_table(std::move(rows)) : std::string();
}

std::string reject_name(const SampleReject& reject) {
  return reject.error_class + (reject.rule.empty() ? "" : " " + reject.rule);
}

std::string reject_text(Environment& environment, const SampleReject& one, size_t place) {
  const int64_t number = one.number();
  std::string text = environment.console.red("rejected", Stream::out) + " event " + format_count(number) + ": " +
                     reject_name(one) + (one.column.empty() ? "" : " in " + printable(one.column)) + ": " +
                     printable(one.message) + "\n";
  return text + excerpt_at(one.bytes(), place, kExcerptColumns, "");
}

Json reject_json(const SampleReject& one, size_t place) {
  const auto text_or_null = [](const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); };
  return {{"event", one.number()},          {"error_class", one.error_class},
          {"rule", text_or_null(one.rule)}, {"column", text_or_null(one.column)},
          {"message", one.message},         {"byte", place == std::string::npos ? Json(nullptr) : Json(place)},
          {"raw", std::string(one.bytes())}};
}

/// Decodes and prints. Nothing after it has printed why it could not.
std::optional<int64_t> try_once(Environment& environment, const TryArguments& arguments, const SampleFile& file) {
  const std::optional<contract::Contract> contract = load_contract(environment, arguments.contract_file);
  if (!contract) return std::nullopt;
  const auto decode = [&]() -> Result<std::pair<DecodedSample, Format>> {
    WEIR_ASSIGN(const Format format, format_of(environment, arguments, file));
    WEIR_ASSIGN(
        const inference::Sample sample,
        inference::read_sample({.files = {file.path}, .format = inference::format_of(format.format, format.delimiter)},
                               *file.files, environment.clock));
    WEIR_ASSIGN(DecodedSample decoded,
                inference::decode_sample(sample, *contract, format.format, format.delimiter, arguments.rows_max));
    return std::make_pair(std::move(decoded), format);
  };
  const auto result = decode();
  if (!result.ok()) {
    fail(environment, result.error());
    return std::nullopt;
  }
  const DecodedSample& decoded = result->first;
  const auto place = [&](const SampleReject& one) {
    return inference::place_of(one, *contract, result->second.format, result->second.delimiter);
  };
  const auto rejected = static_cast<int64_t>(decoded.rejects.size());
  const auto shown = static_cast<size_t>(std::min(rejected, arguments.rows_max));
  Json rejects = Json::array();
  std::string text = rows_text(decoded, arguments.rows_max);
  for (size_t i = 0; i < shown; ++i) {
    if (environment.json)
      rejects.push_back(reject_json(decoded.rejects[i], place(decoded.rejects[i])));
    else
      text += reject_text(environment, decoded.rejects[i], place(decoded.rejects[i]));
  }
  if (environment.json) {
    const Json all = {{"accepted", decoded.accepted}, {"rejected", rejected}, {"rejects", std::move(rejects)}};
    environment.console.out(all.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
    return rejected;
  }
  for (const std::string& note : decoded.notes) environment.console.warning(note);
  environment.console.out(text);
  environment.console.out(counted(decoded.accepted + rejected, "event") + ": " + format_count(decoded.accepted) +
                          " accepted, " + format_count(rejected) + " rejected\n");
  return rejected;
}

/// When the contract and the sample were last written; changes when one was.
std::string stamp(Environment& environment, const TryArguments& arguments, const SampleFile& sample) {
  std::string text;
  const auto add = [&](FileEnv& files, const std::string& path) {
    const Result<FileStat> facts = files.stat(path);
    if (facts.ok()) text += std::to_string(facts->size_bytes) + "@" + std::to_string(facts->modified_us) + " ";
  };
  add(environment.files, planner::absolute_path(environment.working_directory, arguments.contract_file));
  if (!sample.memory) add(*sample.files, sample.path);
  return text;
}

}  // namespace

int try_command(Environment& environment, const TryArguments& arguments) {
  const Result<SampleFile> sample = open_sample(environment, arguments);
  if (!sample.ok()) return fail(environment, sample.error());
  while (true) {
    const std::string before = stamp(environment, arguments, *sample);
    const std::optional<int64_t> rejected = try_once(environment, arguments, *sample);
    if (!arguments.watch) return !rejected ? kExitUsage : *rejected == 0 ? kExitDone : kExitFailed;
    environment.console.err(environment.console.dim("waiting for a change; Ctrl-C ends it") + "\n");
    while (stamp(environment, arguments, *sample) == before && environment.console.out_error() == 0)
      environment.clock.sleep_ms(kWatchMs);
    if (environment.console.out_error() != 0) return kExitFailed;
  }
}

}  // namespace weir::cli
