#include <algorithm>
#include <charconv>
#include <map>

#include <nlohmann/json.hpp>

#include "cli/output/plan_preview_internal.h"

namespace weir::cli {
namespace {

using Json = nlohmann::ordered_json;
using planner::SamplePreview;
using planner::SinkPreview;
using planner::SourcePreview;

constexpr size_t kNamesShown = 3;
constexpr size_t kNamesInJson = 100;
constexpr size_t kDifferencesShown = 10;
constexpr size_t kDifferencesInJson = 1000;

std::string unread_text(const SourcePreview& source) {
  std::string text;
  for (size_t i = 0; i < std::min(source.unread.size(), kNamesShown); ++i) {
    const planner::UnreadSplit& split = source.unread[i];
    text += (i == 0 ? ": " : ", ") + printable(split.name);
    if (split.from > 0) text += " from " + format_count(split.from);
  }
  return text + (source.unread.size() > kNamesShown ? ", ...\n" : "\n");
}

std::string source_text(const Environment& environment, const SourcePreview& source) {
  const std::string name = "source " + source.source + ": ";
  std::string text;
  if (source.error && source.error->kind() == ErrorKind::position_lost) return {};  // why a run would not start
  if (source.error) {
    text = environment.console.yellow("! ", Stream::out) + name +
           printable(environment.redactor.redact(source.error->message())) + "\n";
  } else if (source.reads_files) {
    const auto files = static_cast<int64_t>(source.unread.size());
    text = "  " + name + (files == 0 ? "nothing new" : counted(files, "file") + " not read to the end yet");
    if (files > 0 && source.bytes >= 0) text += " (" + format_bytes(source.bytes) + ")";
    text += files == 0 ? "\n" : unread_text(source);
  } else {
    text = "  " + name + (source.events < 0 ? std::string("events") : counted(source.events, "event")) +
           " not read yet in " + counted(static_cast<int64_t>(source.unread.size()), "partition") + unread_text(source);
  }
  for (const std::string& path : source.left)
    text += "  " + name + printable(path) + " changed too lately to be read (`settle`)\n";
  return text;
}

bool has_many_small_files(const SinkPreview& sink) {
  return sink.partitions >= planner::kManyPartitions && sink.rows_a_file < planner::kFewRowsAFile;
}

int64_t rows_of(const SamplePreview& sample) {
  int64_t rows = 0;
  for (const SinkPreview& sink : sample.sinks) rows += sink.rows;
  return rows;
}

std::string outcome_text(const SamplePreview& sample) {
  return counted(rows_of(sample), "row") + ", " + counted(sample.rejected, "reject");
}

std::string sample_text(const Environment& environment, const SamplePreview& sample) {
  std::string text = "  sample of " + counted(sample.events, "event") + ": " + outcome_text(sample) + "\n";
  for (const auto& [reason, count] : sample.reject_reasons)
    text += "    " + format_count(count) + "  " + printable(reason) + "\n";
  for (const std::string& reject : sample.first_rejects) text += "    " + printable(reject) + "\n";
  for (const SinkPreview& sink : sample.sinks) {
    const std::string table = sink.table.to_string();
    text += "  " + table + ": " + counted(sink.rows, "row") + " in " + counted(sink.partitions, "partition") + "\n";
    for (const std::string& row : sink.first_rows) text += "    " + printable(row) + "\n";
    if (!has_many_small_files(sink)) continue;
    text += environment.console.yellow("! ", Stream::out) + table + ": the rows of the sample fall into " +
            counted(sink.partitions, "partition") +
            ": each commit makes a file for each that it has rows of, and of all that is unread " + "that is about " +
            counted(sink.rows_a_file, "row") +
            " a file. Choose a coarser `partition`, or commit more rarely (`commit.every`)\n";
  }
  return text;
}

struct Difference {
  std::string position;
  std::string before;  ///< empty: nothing became of it
  std::string after;
};

std::vector<Difference> differences(const SamplePreview& before, const SamplePreview& after) {
  std::map<std::string, Difference> all;
  for (const auto& [position, outcome] : before.outcomes) all[position].before = outcome;
  for (const auto& [position, outcome] : after.outcomes) all[position].after = outcome;
  std::vector<Difference> found;
  for (auto& [position, difference] : all) {
    if (difference.before == difference.after) continue;
    difference.position = position;
    found.push_back(std::move(difference));
  }
  return found;
}

std::string against_text(const DataPreview& data) {
  const std::vector<Difference> found = differences(*data.sample, *data.against);
  std::string text = "  by " + printable(data.against_file) + ": " + outcome_text(*data.against) + "; " +
                     (found.empty() ? "nothing differs" : counted(static_cast<int64_t>(found.size()), "difference")) +
                     "\n";
  for (size_t i = 0; i < std::min(found.size(), kDifferencesShown); ++i) {
    text += "    " + printable(found[i].position) + "\n";
    if (!found[i].before.empty()) text += "    - " + printable(found[i].before) + "\n";
    if (!found[i].after.empty()) text += "    + " + printable(found[i].after) + "\n";
  }
  return text + (found.size() > kDifferencesShown ? "    ...\n" : "");
}

Json number_or_null(int64_t value) {
  return value < 0 ? Json(nullptr) : Json(value);
}

Json source_json(const Environment& environment, const SourcePreview& source) {
  Json unread = Json::array();
  for (size_t i = 0; i < std::min(source.unread.size(), kNamesInJson); ++i)
    unread.push_back({{"name", source.unread[i].name}, {"from", source.unread[i].from}});
  Json error;
  if (source.error)
    error = {{"error", to_string(source.error->kind())},
             {"text", environment.redactor.redact(source.error->message())}};
  return {{"source", source.source},
          {"unread_count", source.unread.size()},
          {"unread", std::move(unread)},
          {"bytes", number_or_null(source.bytes)},
          {"events", number_or_null(source.events)},
          {"files_left", source.left},
          {"error", std::move(error)}};
}

Json sample_json(const SamplePreview& sample) {
  Json sinks = Json::array();
  for (const SinkPreview& sink : sample.sinks) {
    sinks.push_back({{"sink", sink.sink},
                     {"table", sink.table.to_string()},
                     {"rows", sink.rows},
                     {"partitions", sink.partitions},
                     {"rows_a_file", sink.rows_a_file},
                     {"many_small_files", has_many_small_files(sink)},
                     {"first_rows", sink.first_rows}});
  }
  return {{"events", sample.events},
          {"rejected", sample.rejected},
          {"reasons", Json(sample.reject_reasons)},
          {"first_rejects", sample.first_rejects},
          {"sinks", std::move(sinks)}};
}

Json against_json(const DataPreview& data) {
  const std::vector<Difference> found = differences(*data.sample, *data.against);
  Json list = Json::array();
  const auto text_or_null = [](const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); };
  for (size_t i = 0; i < std::min(found.size(), kDifferencesInJson); ++i) {
    list.push_back({{"position", found[i].position},
                    {"before", text_or_null(found[i].before)},
                    {"after", text_or_null(found[i].after)}});
  }
  Json json = sample_json(*data.against);
  json["file"] = data.against_file;
  json["difference_count"] = found.size();
  json["differences"] = std::move(list);
  return json;
}

int64_t added_rows(const iceberg::Snapshot& snapshot) {
  const auto found = snapshot.summary.find("added-records");
  int64_t rows = 0;
  if (found != snapshot.summary.end())
    std::from_chars(found->second.data(), found->second.data() + found->second.size(), rows);
  return rows;
}

}  // namespace

std::vector<OtherWriter> other_writers(const lake::PipelineTables& tables) {
  std::vector<OtherWriter> all;
  for (const lake::FoundTable& table : tables.tables) {
    if (!table.loaded) continue;
    std::map<std::string, OtherWriter> writers;
    for (const auto& stored : table.loaded->metadata->snapshots) {
      const auto& summary = stored->snapshot.summary;
      const auto named = summary.find("weir.pipeline");
      const std::string pipeline = named == summary.end() ? std::string() : named->second;
      const int64_t rows = added_rows(stored->snapshot);
      if (pipeline == tables.pipeline || rows == 0) continue;
      OtherWriter& writer = writers[pipeline];
      writer.table = table.target.table.to_string();
      writer.pipeline = pipeline;
      writer.rows += rows;
      ++writer.snapshots;
    }
    for (auto& [pipeline, writer] : writers) all.push_back(std::move(writer));
  }
  return all;
}

std::string data_text(const Environment& environment, const DataPreview& data) {
  std::string text;
  for (const OtherWriter& writer : data.others) {
    text +=
        "  " + writer.table + ": " + counted(writer.rows, "row") + " in " + counted(writer.snapshots, "snapshot") +
        (writer.pipeline.empty() ? " by other writers\n" : " by the pipeline '" + printable(writer.pipeline) + "'\n");
  }
  for (const SourcePreview& source : data.sources) text += source_text(environment, source);
  if (data.sample) text += sample_text(environment, *data.sample);
  if (data.against) text += against_text(data);
  return text;
}

Json data_json(const Environment& environment, const DataPreview& data) {
  Json sources = Json::array();
  for (const SourcePreview& source : data.sources) sources.push_back(source_json(environment, source));
  Json others = Json::array();
  for (const OtherWriter& writer : data.others) {
    others.push_back({{"table", writer.table},
                      {"pipeline", writer.pipeline.empty() ? Json(nullptr) : Json(writer.pipeline)},
                      {"rows", writer.rows},
                      {"snapshots", writer.snapshots}});
  }
  return {{"sources", std::move(sources)},
          {"other_writers", std::move(others)},
          {"sample", data.sample ? sample_json(*data.sample) : Json(nullptr)},
          {"against", data.against ? against_json(data) : Json(nullptr)}};
}

}  // namespace weir::cli
