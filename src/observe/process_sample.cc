#include "observe/process_sample.h"

#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <unistd.h>

#include "observe/metric_names.h"

namespace weir::observe {
namespace {

/// Files of /proc say that their size is 0: read until the end, 64 KiB at most.
std::string read_proc(FileEnv& files, const std::string& path) {
  auto file = files.open(path);
  if (!file.ok()) return {};
  std::string text(65536, '\0');
  size_t size = 0;
  while (size < text.size()) {
    const Result<size_t> got = (*file)->read_at(static_cast<int64_t>(size), text.size() - size, text.data() + size);
    if (!got.ok() || *got == 0) break;
    size += *got;
  }
  text.resize(size);
  return text;
}

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> words;
  while (true) {
    const size_t begin = text.find_first_not_of(" \t\n");
    if (begin == std::string_view::npos) return words;
    const size_t end = std::min(text.find_first_of(" \t\n", begin), text.size());
    words.push_back(text.substr(begin, end - begin));
    text.remove_prefix(end);
  }
}

int64_t integer(std::string_view text) {
  int64_t value = -1;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
  return end.ec == std::errc() && value >= 0 ? value : -1;
}

/// The number that follows `name` at the beginning of a line.
int64_t line_value(std::string_view text, std::string_view name) {
  for (size_t at = text.find(name); at != std::string_view::npos; at = text.find(name, at + 1)) {
    if (at != 0 && text[at - 1] != '\n') continue;
    const std::vector<std::string_view> words = split(text.substr(at + name.size(), 200));
    return words.empty() ? -1 : integer(words[0]);
  }
  return -1;
}

}  // namespace

ProcessSample sample_process(FileEnv& files) {
  ProcessSample sample;
  const std::string stat = read_proc(files, "/proc/self/stat");
  // The command name, field 2, is in parentheses and may hold anything; what follows its last ')' is field 3 on.
  const size_t name_end = stat.rfind(')');
  const auto fields = name_end == std::string::npos ? std::vector<std::string_view>()
                                                    : split(std::string_view(stat).substr(name_end + 1));
  const auto field = [&](size_t number) { return number - 3 < fields.size() ? integer(fields[number - 3]) : -1; };
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  if (field(14) >= 0 && field(15) >= 0) sample.cpu_seconds = static_cast<double>(field(14) + field(15)) / ticks;
  sample.threads = field(20);
  sample.virtual_bytes = field(23);
  if (field(24) >= 0) sample.resident_bytes = field(24) * sysconf(_SC_PAGESIZE);
  const int64_t boot_seconds = line_value(read_proc(files, "/proc/stat"), "btime ");
  if (field(22) >= 0 && boot_seconds >= 0) {
    sample.start_time_seconds = static_cast<double>(boot_seconds) + static_cast<double>(field(22)) / ticks;
  }
  // The listing's own descriptor is among them.
  if (const auto fds = files.list("/proc/self/fd"); fds.ok()) sample.open_fds = static_cast<int64_t>(fds->size()) - 1;
  sample.max_fds = line_value(read_proc(files, "/proc/self/limits"), "Max open files");
  return sample;
}

void record(const ProcessSample& sample, Metrics& metrics) {
  if (sample.cpu_seconds >= 0) metrics.counter(metric::kProcessCpu).advance_to(sample.cpu_seconds);
  const auto set = [&](const MetricSpec& spec, double value) {
    if (value >= 0) metrics.gauge(spec).set(value);
  };
  set(metric::kProcessStartTime, sample.start_time_seconds);
  set(metric::kProcessResidentMemory, static_cast<double>(sample.resident_bytes));
  set(metric::kProcessVirtualMemory, static_cast<double>(sample.virtual_bytes));
  set(metric::kProcessOpenFds, static_cast<double>(sample.open_fds));
  set(metric::kProcessMaxFds, static_cast<double>(sample.max_fds));
  set(metric::kProcessThreads, static_cast<double>(sample.threads));
}

}  // namespace weir::observe
