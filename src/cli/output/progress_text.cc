#include "cli/output/progress_text.h"

#include "cli/output/console.h"

namespace weir::cli {
namespace {

constexpr size_t kPartitionsShown = 8;  // in one line; the rest is counted

std::string source_line(const SourceProgress& source) {
  std::string line;
  const auto add = [&](const std::string& part) { line += (line.empty() ? "" : ", ") + part; };
  size_t shown = 0;
  for (const auto& [name, partition] : source.partitions) {
    if (++shown > kPartitionsShown) {
      add("and " + std::to_string(source.partitions.size() - kPartitionsShown) + " more");
      break;
    }
    add(name + " at " + std::to_string(partition.next));
  }
  if (!source.finished.empty()) {
    const auto files = static_cast<int64_t>(source.finished.size());
    add(format_count(files) + (files == 1 ? " file finished" : " files finished"));
  }
  return line;
}

}  // namespace

std::string progress_line(const Progress& progress) {
  if (progress.sources.size() == 1) return source_line(progress.sources.begin()->second);
  std::string line;
  for (const auto& [name, source] : progress.sources)
    line += (line.empty() ? "" : "; ") + name + ": " + source_line(source);
  return line;
}

}  // namespace weir::cli
