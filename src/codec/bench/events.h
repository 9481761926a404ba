/// \file
/// Deterministic events for benchmarks: ad events as the peers read them (12 fields, one nested, about 292 bytes) and
/// clicks (about 251 bytes).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "codec/decoder.h"

namespace weir::codec::bench {

struct Workload {
  DecoderSpec spec;
  std::vector<std::string> events;
};

enum class KeyOrder { fixed, shuffled };

Workload ad_events(size_t count, KeyOrder order);
Workload click_events(size_t count, KeyOrder order);
/// The same events with a blank after each comma and colon, as many writers do.
Workload spaced(Workload work);
/// Click events in which each optional field is absent half of the time.
Workload sparse_events(size_t count);
/// Public GitHub events (nested, up to hundreds of fields), from an NDJSON file; empty when the file is not there.
Workload github_events(const std::string& path);

/// The ad events as CSV, without the nested column; events[0] is the header.
Workload ad_records(size_t count);

std::shared_ptr<const RawBatch> to_raw_batch(const std::vector<std::string>& events, size_t from, size_t count);

}  // namespace weir::codec::bench
