/// JSON to columns: our decoder beside a hand-written simdjson On-Demand loop, interleaved in one run, output compared.
///
///   weir_codec_bench [--github FILE.ndjson] [--rounds 9] [--only NAME]
///
/// Prints CPU time (user + system) an event, best and median of the rounds, and the ratio of the medians.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>

#include <sys/resource.h>

#include "codec/bench/events.h"
#include "codec/bench/reference_loop.h"
#include "codec/framing.h"

namespace weir::codec::bench {
namespace {

constexpr size_t kBatchEvents = 4096;
constexpr size_t kEvents = 100'000;
constexpr size_t kChunk = 256 << 10;

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct Timing {
  std::vector<double> ns;  ///< an event, one entry a round
  double best() const { return *std::min_element(ns.begin(), ns.end()); }
  double median() const {
    std::vector<double> sorted = ns;
    std::sort(sorted.begin(), sorted.end());
    return sorted[sorted.size() / 2];
  }
};

struct Options {
  std::string github;
  std::string only;
  int rounds = 9;
};

std::vector<std::shared_ptr<const RawBatch>> batches_of(const std::vector<std::string>& events) {
  std::vector<std::shared_ptr<const RawBatch>> batches;
  for (size_t from = 0; from < events.size(); from += kBatchEvents)
    batches.push_back(to_raw_batch(events, from, kBatchEvents));
  return batches;
}

template <typename Work>
void time_round(Timing& timing, size_t events, int passes, Work work) {
  const double start = cpu_seconds();
  for (int pass = 0; pass < passes; ++pass) work();
  timing.ns.push_back((cpu_seconds() - start) * 1e9 / (static_cast<double>(events) * passes));
}

size_t bytes_of(const std::vector<std::string>& events) {
  size_t bytes = 0;
  for (const std::string& event : events) bytes += event.size();
  return bytes;
}

void require(bool condition, const std::string& what) {
  if (condition) return;
  std::fprintf(stderr, "FAILED: %s\n", what.c_str());
  std::exit(1);
}

int passes_for(const std::vector<std::string>& events) {
  return static_cast<int>(std::max<size_t>(1, 60'000'000 / bytes_of(events)));
}

/// Both sides, round by round.
void compare(const std::string& name, const Workload& work, ReferenceLoop& loop, const Options& options) {
  if (work.events.empty() || (!options.only.empty() && name.find(options.only) == std::string::npos)) return;
  const auto batches = batches_of(work.events);
  auto decoder = make_json_decoder(work.spec);
  require(decoder.ok(), "make_json_decoder");
  PlainColumns plain(16);
  for (const auto& batch : batches) {
    plain.clear();
    require(loop.parse(*batch, plain), name + ": the reference loop rejects an event");
    const auto decoded = (*decoder)->decode(batch);
    require(decoded.ok() && decoded->rejects.empty(), name + ": our decoder rejects an event");
    const std::string found = difference(decoded->batch, plain);
    require(found.empty(), name + ": " + found);
  }
  Timing ours;
  Timing theirs;
  const int passes = passes_for(work.events);
  for (int round = 0; round < options.rounds; ++round) {
    time_round(theirs, work.events.size(), passes, [&] {
      for (const auto& batch : batches) {
        plain.clear();
        loop.parse(*batch, plain);
      }
    });
    time_round(ours, work.events.size(), passes, [&] {
      for (const auto& batch : batches) require((*decoder)->decode(batch).ok(), "decode");
    });
  }
  const double bytes = static_cast<double>(bytes_of(work.events)) / static_cast<double>(work.events.size());
  std::printf("%-22s %5.0f B  loop %6.1f / %6.1f ns   ours %6.1f / %6.1f ns   ratio %.2f   %.2f GB/s\n", name.c_str(),
              bytes, theirs.best(), theirs.median(), ours.best(), ours.median(), ours.median() / theirs.median(),
              bytes / ours.median());
}

/// What bad events cost beside good ones, decoder against itself.
void compare_bad(const std::string& name, const Workload& good, const std::function<void(std::string&)>& spoil,
                 const Options& options) {
  if (!options.only.empty() && name.find(options.only) == std::string::npos) return;
  Workload bad = good;
  for (std::string& event : bad.events) spoil(event);
  const auto good_batches = batches_of(good.events);
  const auto bad_batches = batches_of(bad.events);
  auto decoder = make_json_decoder(good.spec);
  Timing good_time;
  Timing bad_time;
  const int passes = passes_for(good.events);
  for (int round = 0; round < options.rounds; ++round) {
    time_round(good_time, good.events.size(), passes, [&] {
      for (const auto& batch : good_batches) require((*decoder)->decode(batch)->rejects.empty(), "good event rejected");
    });
    time_round(bad_time, good.events.size(), passes, [&] {
      for (const auto& batch : bad_batches) require((*decoder)->decode(batch)->batch.rows() == 0, "bad event accepted");
    });
  }
  std::printf("%-22s          good %6.1f / %6.1f ns    bad %6.1f / %6.1f ns   ratio %.2f\n", name.c_str(),
              good_time.best(), good_time.median(), bad_time.best(), bad_time.median(),
              bad_time.median() / good_time.median());
}

/// Our own cost only: the framers over a whole file in chunks, and the CSV decoder.
void measure_files(const Options& options) {
  if (!options.only.empty() && std::string("files").find(options.only) == std::string::npos) return;
  const Workload records = ad_records(kEvents);
  std::string file;
  for (const std::string& record : records.events) file.append(record).append("\n");
  const auto frame = [&](RecordFramer& framer) {
    size_t count = 0;
    FramedRecord record;
    for (size_t at = 0; at < file.size(); at += kChunk) {
      framer.feed(std::string_view(file).substr(at, kChunk));
      while (framer.next(record)) ++count;
    }
    require(count >= kEvents, "framing");
  };
  std::vector<std::shared_ptr<const RawBatch>> batches;
  for (size_t from = 1; from < records.events.size(); from += kBatchEvents) {
    RawBatchBuilder builder;
    builder.set_context(records.events[0]);
    for (size_t i = from; i < std::min(records.events.size(), from + kBatchEvents); ++i)
      builder.add(records.events[i], {});
    batches.push_back(builder.finish());
  }
  auto decoder = make_csv_decoder(records.spec);
  Timing lines;
  Timing csv;
  Timing decode;
  const int passes = passes_for(records.events);
  for (int round = 0; round < options.rounds; ++round) {
    time_round(lines, kEvents, passes, [&] { frame(*make_line_framer(1 << 20)); });
    time_round(csv, kEvents, passes, [&] { frame(*make_csv_framer(1 << 20)); });
    time_round(decode, kEvents, passes, [&] {
      for (const auto& batch : batches) require((*decoder)->decode(batch)->rejects.empty(), "CSV record rejected");
    });
  }
  const double bytes = static_cast<double>(file.size()) / kEvents;
  for (const auto& [name, timing] :
       {std::pair{"frame lines", &lines}, std::pair{"frame CSV", &csv}, std::pair{"CSV -> columns", &decode}}) {
    std::printf("%-22s %5.0f B  %6.1f / %6.1f ns   %.2f GB/s\n", name, bytes, timing->best(), timing->median(),
                bytes / timing->median());
  }
}

void replace(std::string& text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  require(at != std::string::npos, "spoil: '" + from + "' is not there");
  text.replace(at, from.size(), to);
}

void run(const Options& options) {
  std::printf("JSON -> columns, CPU time an event, best / median of %d interleaved rounds, batches of %zu\n",
              options.rounds, kBatchEvents);
  const Workload ads = ad_events(kEvents, KeyOrder::fixed);
  const Workload clicks = click_events(kEvents, KeyOrder::fixed);
  compare("ads fixed", ads, *make_ad_loop(true), options);
  compare("ads shuffled", ad_events(kEvents, KeyOrder::shuffled), *make_ad_loop(false), options);
  compare("ads spaced", spaced(ads), *make_ad_loop(true), options);
  compare("clicks fixed", clicks, *make_click_loop(true), options);
  compare("clicks shuffled", click_events(kEvents, KeyOrder::shuffled), *make_click_loop(false), options);
  compare("clicks sparse", sparse_events(kEvents), *make_sparse_loop(), options);
  if (!options.github.empty()) compare("github nested", github_events(options.github), *make_github_loop(), options);
  compare_bad(
      "bad: wrong type", clicks, [](std::string& e) { replace(e, "\"qty\":", "\"qty\":\"x\",\"q\":"); }, options);
  compare_bad(
      "bad: missing", clicks, [](std::string& e) { replace(e, "\"qty\"", "\"qtx\""); }, options);
  compare_bad(
      "bad: cut off", clicks, [](std::string& e) { e.resize(e.size() - 5); }, options);
  compare_bad(
      "bad: duplicate", clicks, [](std::string& e) { replace(e, "\"ok\"", "\"qty\""); }, options);
  compare_bad(
      "bad: unknown twice", clicks, [](std::string& e) { e.insert(1, "\"x\":1,\"x\":2,"); }, options);
  compare_bad(
      "bad: comma at end", clicks, [](std::string& e) { e.insert(e.size() - 1, ","); }, options);
  compare_bad(
      "bad: escape", clicks, [](std::string& e) { replace(e, "\"page\":\"", "\"page\":\"\\x"); }, options);
  compare_bad(
      "bad: text", clicks, [](std::string& e) { e = "not JSON at all, a line of some log file " + e.substr(0, 200); },
      options);
  compare_bad(
      "bad: UTF-8", clicks, [](std::string& e) { e[e.find("\"page\"") + 9] = '\xff'; }, options);
  measure_files(options);
}

}  // namespace
}  // namespace weir::codec::bench

int main(int argc, char** argv) {
  weir::codec::bench::Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string flag = argv[i];
    if (flag == "--github") options.github = argv[i + 1];
    if (flag == "--only") options.only = argv[i + 1];
    if (flag == "--rounds") options.rounds = std::atoi(argv[i + 1]);
  }
  weir::codec::bench::run(options);
}
