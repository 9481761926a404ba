/// \file
/// The columns of a run of ad events, as the hand loop fills them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fused_loop {

/// Texts, one after the other.
struct Texts {
  std::string bytes;
  std::vector<uint32_t> ends;

  void add(std::string_view text) {
    bytes.append(text);
    ends.push_back(static_cast<uint32_t>(bytes.size()));
  }
  void pop() {
    ends.pop_back();
    bytes.resize(ends.empty() ? 0 : ends.back());
  }
  void clear() {
    bytes.clear();
    ends.clear();
  }
};

/// All columns have the same number of rows between two events.
struct AdColumns {
  Texts event_id, country, device, event_type, currency;
  std::vector<int64_t> ts_us, user_id;
  std::vector<int32_t> campaign_id, ad_id;
  std::vector<double> price, lat, lon, net;

  size_t rows() const { return ts_us.size(); }
  void clear();
};

enum class Outcome { kept, filtered, rejected };

/// Turns events into rows: decodes them, checks the rules of pipelines/ad.contract.yaml, applies the filter and the
/// select of pipelines/file.yaml. One thread.
class AdParser {
 public:
  AdParser();
  ~AdParser();
  AdParser(const AdParser&) = delete;
  AdParser& operator=(const AdParser&) = delete;
  /// Adds a row to `columns` only for Outcome::kept. 64 readable bytes follow the event.
  Outcome add(std::string_view event, AdColumns& columns);

 private:
  struct Implementation;
  Implementation* implementation_;
};

}  // namespace fused_loop
