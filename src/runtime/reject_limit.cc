#include "runtime/reject_limit.h"

#include <algorithm>
#include <utility>

namespace weir::runtime {
namespace {

constexpr size_t kSampleBytesMax = 200;

/// The most frequent first.
std::string reasons_text(const Counters& counters) {
  std::vector<std::pair<int64_t, std::string>> reasons;
  for (const auto& [counter, count] : counters) {
    if (counter.kind == CounterKind::rejected && count != 0) reasons.emplace_back(count, reject_reason(counter));
  }
  std::stable_sort(reasons.begin(), reasons.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::string text;
  for (const auto& [count, reason] : reasons) text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + reason;
  return text;
}

/// Cut between two characters of UTF-8.
std::string shortened(const std::string& sample) {
  if (sample.size() <= kSampleBytesMax) return sample;
  size_t size = kSampleBytesMax;
  while (size > 0 && (static_cast<unsigned char>(sample[size]) & 0xc0U) == 0x80U) --size;
  return sample.substr(0, size) + "...";
}

}  // namespace

std::string to_text(const RejectWindow& window) {
  const int64_t percent = window.events == 0 ? 100 : std::min<int64_t>(100, window.rejected * 100 / window.events);
  return std::to_string(window.rejected) + " of " + std::to_string(window.events) + " events (" +
         std::to_string(percent) + "%) were rejected: " + reasons_text(window.counters);
}

RejectVerdict RejectJudge::judge(const EpochResult& epoch, bool is_end, bool is_end_of_input) {
  open_.events += epoch.events;
  open_.rejected += epoch.rejected;
  rejected_ += epoch.rejected;
  add_counters(open_.counters, epoch.counters);
  for (const std::string& sample : epoch.reject_samples) {
    if (open_.samples.size() < kRejectSamplesMax) open_.samples.push_back(sample);
  }
  const bool is_enough = open_.events >= kEventsMin;
  if (!is_enough && !is_end) return RejectVerdict::open;
  judged_ = std::exchange(open_, {});
  const bool may_stop = is_enough || (limits_.is_chosen && is_end_of_input);
  if (may_stop && is_above(limits_.stop_percent) && rejected_ > limits_.accepted) return RejectVerdict::stop;
  // Of a few events one is soon a tenth: by default that is said of most of them only.
  const bool is_said = is_above(is_enough || limits_.is_chosen ? limits_.warn_percent : limits_.stop_percent);
  return is_said ? RejectVerdict::warn : RejectVerdict::fine;
}

bool RejectJudge::is_above(int percent) const {
  // Several steps may reject an event, each once: more than all of it is no more than all.
  return std::min(judged_.rejected, judged_.events) * 100 > judged_.events * percent;
}

Error RejectJudge::refusal() const {
  std::string text = to_text(judged_) + ". `reject_limit` stops at " + std::to_string(limits_.stop_percent) +
                     "%, so what was read since the last commit did not land and is read again by the next start. ";
  for (size_t i = 0; i < judged_.samples.size(); ++i)
    text += (i == 0 ? "For example " : "; ") + shortened(judged_.samples[i]);
  if (!judged_.samples.empty()) text += ". ";
  text +=
      "Mend the contract or what writes the events; to land these rejects once: `weir run PIPELINE.yaml "
      "--accept-rejects " +
      std::to_string(rejected_) + "`";
  return Error(ErrorKind::limit_exceeded, text);
}

}  // namespace weir::runtime
