#include <algorithm>
#include <array>

#include "cli/commands/commands.h"
#include "cli/exit_codes.h"
#include "contract/contract.h"
#include "inference/proposal.h"
#include "inference/sample_decoder.h"

namespace weir::cli {
namespace {

using inference::Proposal;
using inference::SampleFormat;

/// A column is loosened at most twice or so; each round mends one column at least.
constexpr int kRoundsMax = 200;
constexpr int64_t kTopicBytesMax = int64_t{64} << 20;

/// What the arguments name, as one path that a pipeline file can have.
struct Data {
  std::vector<std::string> files;  ///< absolute; none: a topic
  std::string path;                ///< absolute: a file, a folder, or a glob that matches exactly these; or a topic
};

bool is_passed_over(const std::string& name) {
  if (name.empty() || name[0] == '.' || name[0] == '_') return true;
  static constexpr std::array<std::string_view, 4> kUnfinished = {".tmp", ".part", ".crdownload", ".inprogress"};
  return std::any_of(kUnfinished.begin(), kUnfinished.end(),
                     [&](std::string_view suffix) { return name.ends_with(suffix); });
}

std::string file_name(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

/// "orders.csv.gz": ".csv.gz"; empty when there is no dot.
std::string suffix_of(const std::string& name) {
  const size_t dot = name.find('.');
  return dot == std::string::npos ? "" : name.substr(dot);
}

Result<std::vector<std::string>> files_in(FileEnv& files, const std::string& folder) {
  WEIR_ASSIGN(const std::vector<std::string> names, files.list(folder));
  std::vector<std::string> found;
  for (const std::string& name : names) {
    const std::string path = folder + "/" + name;
    const Result<FileStat> facts = files.stat(path);
    if (facts.ok() && !facts->is_directory && facts->is_regular && !is_passed_over(name)) found.push_back(path);
  }
  return found;
}

Result<Data> data_of(Environment& environment, const InitArguments& arguments) {
  Data data;
  if (arguments.data.empty()) {
    data.path = arguments.topic;
    return data;
  }
  for (const std::string& name : arguments.data) {
    const std::string path = planner::absolute_path(environment.working_directory, name);
    WEIR_ASSIGN(const FileStat facts, environment.files.stat(path));
    if (facts.is_directory) {
      if (arguments.data.size() > 1) return Error(ErrorKind::invalid_argument, "give files, or one folder");
      WEIR_ASSIGN(data.files, files_in(environment.files, path));
      if (data.files.empty()) return Error(ErrorKind::invalid_argument, "the folder '" + name + "' has no files");
      data.path = path;
      return data;
    }
    if (!facts.is_regular) return Error(ErrorKind::invalid_argument, "'" + name + "' is no regular file");
    data.files.push_back(path);
  }
  std::sort(data.files.begin(), data.files.end());
  data.files.erase(std::unique(data.files.begin(), data.files.end()), data.files.end());
  data.path = data.files.front();
  if (data.files.size() == 1) return data;
  // Several: the glob that has them all, when it has no other.
  const std::string folder = parent_directory(data.path);
  const std::string suffix = suffix_of(file_name(data.path));
  WEIR_ASSIGN(std::vector<std::string> there, files_in(environment.files, folder));
  std::erase_if(there, [&](const std::string& file) { return !file.ends_with(suffix); });
  if (there != data.files) {
    return Error(ErrorKind::invalid_argument,
                 "a pipeline reads a file, a folder or a glob, and no glob has exactly these " +
                     std::to_string(data.files.size()) + " files: put them in a folder of their own and name that");
  }
  data.path = folder + "/*" + suffix;
  return data;
}

/// "orders-2026.csv" -> "orders_2026"; letters, digits and '_'.
std::string name_from(const std::string& path) {
  std::string name;
  std::string base = file_name(path);
  base = base.find('*') != std::string::npos ? file_name(parent_directory(path)) : base.substr(0, base.find('.'));
  for (const char c : base) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (plain)
      name += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    else if (!name.empty() && name.back() != '_')
      name += '_';
  }
  while (!name.empty() && name.back() == '_') name.pop_back();
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) name = "events" + (name.empty() ? "" : "_" + name);
  return name.substr(0, 48);
}

struct Contents {
  SampleFormat format = SampleFormat::json;
  char delimiter = ',';
  inference::Sample sample;
  inference::Observation seen;
};

Result<Contents> look(Environment& environment, const InitArguments& arguments, const Data& data) {
  Contents contents;
  if (data.files.empty()) {
    if (arguments.format == "csv")
      return Error(ErrorKind::invalid_argument, "csv is for files; Kafka messages are json");
    WEIR_ASSIGN(contents.sample,
                inference::read_topic(arguments.brokers, arguments.topic, kTopicBytesMax, environment.clock));
    contents.seen = inference::observe(contents.sample, contents.format, contents.delimiter);
    if (!contents.seen.root.members.empty()) return contents;
    return Error(ErrorKind::invalid_argument, contents.sample.events == 0
                                                  ? "the topic '" + arguments.topic + "' has no events to look at"
                                                  : "no event of the sample is a JSON object");
  }
  WEIR_ASSIGN(const inference::Looks looks,
              inference::look_at(data.files.front(), environment.files, environment.clock));
  contents.format = arguments.format.empty()    ? looks.format
                    : arguments.format == "csv" ? SampleFormat::csv
                                                : SampleFormat::json;
  contents.delimiter = looks.format == SampleFormat::csv ? looks.delimiter : ',';
  WEIR_ASSIGN(
      contents.sample,
      inference::read_sample({.files = data.files, .format = inference::format_of(contents.format, contents.delimiter)},
                             environment.files, environment.clock));
  contents.seen = inference::observe(contents.sample, contents.format, contents.delimiter);
  if (contents.seen.root.members.empty()) {
    return Error(ErrorKind::invalid_argument,
                 contents.format == SampleFormat::json
                     ? "no event of the sample is a JSON object in one line; say --format csv if it is CSV"
                     : "no record of the sample fits its header; say --format json if it is JSON");
  }
  return contents;
}

/// The contract's text, loosened until nothing that was sampled is rejected for a column. What remains has no cure by
/// types.
struct Settled {
  std::string contract;
  int64_t accepted = 0;
  std::vector<inference::SampleReject> rejects;
};

Result<Settled> settle(const Contents& contents, const std::string& name, const std::string& made_from) {
  Proposal proposal = inference::propose(contents.seen, contents.format);
  Settled settled;
  for (int round = 0; round < kRoundsMax; ++round) {
    settled.contract = inference::contract_yaml(proposal, name, made_from);
    config::Diagnostics diagnostics;
    const std::optional<contract::Contract> contract =
        contract::load("the proposed contract", settled.contract, {}, diagnostics);
    if (!contract) return diagnostics.to_error();
    WEIR_ASSIGN(inference::DecodedSample decoded,
                inference::decode_sample(contents.sample, *contract, contents.format, contents.delimiter, 0));
    settled.accepted = decoded.accepted;
    settled.rejects = std::move(decoded.rejects);
    std::vector<std::string> columns;
    for (const inference::SampleReject& one : settled.rejects) {
      if (!one.column.empty()) columns.push_back(one.column);
    }
    std::sort(columns.begin(), columns.end());
    columns.erase(std::unique(columns.begin(), columns.end()), columns.end());
    bool changed = false;
    for (const std::string& column : columns) changed |= inference::loosen(proposal, column, contents.format);
    if (!changed) return settled;
  }
  return settled;
}

std::string relative_to(const std::string& path, const std::string& folder) {
  return path.starts_with(folder + "/") ? path.substr(folder.size() + 1) : path;
}

std::string source_yaml(const InitArguments& arguments, const Data& data, const Contents& contents,
                        const std::string& folder) {
  if (data.files.empty()) {
    return "  # How far the pipeline has come is kept in its tables; it begins at the oldest record.\n"
           "  kafka: {brokers: " +
           json_string(arguments.brokers) + ", topics: " + json_string(arguments.topic) + "}\n";
  }
  std::string files = "{path: " + json_string(relative_to(data.path, folder));
  if (contents.format == SampleFormat::csv && contents.delimiter != ',')
    files +=
        std::string(", delimiter: ") + (contents.delimiter == '\t' ? "\"\\t\"" : json_string({&contents.delimiter, 1}));
  return "  # Files are read once each; without --once, a run goes on watching for new ones.\n"
         "  files: " +
         files + "}\n";
}

std::string pipeline_yaml(const InitArguments& arguments, const Data& data, const Contents& contents,
                          const std::string& name, const std::string& folder) {
  const bool csv = contents.format == SampleFormat::csv;
  const std::string table = arguments.table.empty() ? name + ".events" : arguments.table;
  return "# Made by `weir init`. Check it: weir validate " + name + ".yaml. Run it: weir run " + name +
         ".yaml --once\n"
         "pipeline: " +
         name + "\nsource:\n" + source_yaml(arguments, data, contents, folder) + "  format: " + (csv ? "csv" : "json") +
         "\n  contract: contracts/" + name +
         ".yaml\n"
         "# Between source and sink, SQL filters and reshapes rows, for example:\n"
         "# steps:\n"
         "#   - {name: kept, filter: \"some_column is not null\"}\n"
         "#   - {name: shaped, select: [\"*\", \"upper(some_column) as other\"]}\n"
         "sink:\n"
         "  # partition: [day(some_timestamp)] would split the table's files by day.\n"
         "  iceberg: {table: " +
         json_string(table) +
         "}\n"
         "# Events that break the contract land in " +
         table +
         "_dead_letter, with the reason and their bytes.\n"
         "# commit: {every: 10s}             # how long rows may wait until they are visible\n"
         "# catalog: {sqlite: ./warehouse}   # by default WEIR_WAREHOUSE, else the folder `warehouse` beside this "
         "file\n";
}

Result<void> write_new(Environment& environment, const std::string& path, const std::string& text) {
  WEIR_TRY(make_directories(environment.files, parent_directory(path)));
  Result<std::unique_ptr<WritableFile>> file = environment.files.create(path);
  if (!file.ok()) {
    if (file.error().kind() != ErrorKind::already_exists) return std::move(file).error();
    return Error(ErrorKind::already_exists, "'" + path + "' already exists; choose another --name or --directory");
  }
  WEIR_TRY((*file)->append(text));
  return (*file)->close();
}

std::string made_from_text(const Data& data, const Contents& contents) {
  if (data.files.empty())
    return counted(contents.sample.events, "event") + " (" + format_bytes(contents.sample.bytes) + ") of the topic " +
           data.path;
  std::string text = counted(contents.sample.events, "event") + " (" + format_bytes(contents.sample.bytes) + ") of " +
                     counted(static_cast<int64_t>(data.files.size()), "file");
  if (contents.sample.files_cut > 0)
    text += ", of " + counted(contents.sample.files_cut, "file") + " only the beginning";
  return text;
}

Result<void> check_names(const InitArguments& arguments) {
  const bool is_name = std::all_of(arguments.name.begin(), arguments.name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
  if (!is_name || arguments.name.size() > 64)
    return Error(ErrorKind::invalid_argument, "--name: a pipeline's name is 1 to 64 letters, digits, '_' or '-'");
  if (!arguments.table.empty()) WEIR_TRY(lake::TableIdentifier::parse(arguments.table));
  return {};
}

Result<int> init(Environment& environment, const InitArguments& arguments) {
  WEIR_ASSIGN(const Data data, data_of(environment, arguments));
  WEIR_ASSIGN(const Contents contents, look(environment, arguments, data));
  const std::string name = arguments.name.empty() ? name_from(data.path) : arguments.name;
  WEIR_TRY(check_names(arguments));
  const std::string folder = planner::absolute_path(environment.working_directory, arguments.directory);
  const std::string made_from = made_from_text(data, contents);
  WEIR_ASSIGN(const Settled settled, settle(contents, name, made_from));
  const std::string pipeline_file = folder + "/" + name + ".yaml";
  const std::string contract_file = folder + "/contracts/" + name + ".yaml";
  if (environment.files.stat(pipeline_file).ok())
    return Error(ErrorKind::already_exists,
                 "'" + pipeline_file + "' already exists; choose another --name or --directory");
  WEIR_TRY(write_new(environment, contract_file, settled.contract));
  WEIR_TRY(write_new(environment, pipeline_file, pipeline_yaml(arguments, data, contents, name, folder)));
  const std::string shown = relative_to(pipeline_file, environment.working_directory);
  std::string text = "looked at " + made_from + ": " +
                     counted(static_cast<int64_t>(contents.seen.root.members.size()), "column") + "\n";
  text += "wrote " + shown + " and " + relative_to(contract_file, environment.working_directory) + "\n";
  if (settled.rejects.empty()) {
    text += "decoded the sample with them: 0 rejects\n";
  } else {
    const inference::SampleReject& first = settled.rejects.front();
    text += "decoded the sample with them: " + counted(static_cast<int64_t>(settled.rejects.size()), "reject") +
            ", which no type can help; the first is event " + format_count(first.number()) + " of " +
            first.batch->split(first.raw_index).topic + ": " + printable(first.message) + "\n";
  }
  environment.console.out(text + "next: weir run " + shown + " --once\n");
  return kExitDone;
}

}  // namespace

int init_command(Environment& environment, const InitArguments& arguments) {
  const Result<int> done = init(environment, arguments);
  return done.ok() ? *done : fail(environment, done.error());
}

}  // namespace weir::cli
