/// \file
/// Looks at the events of a sample.
#pragma once

#include <cstdint>

#include "inference/sample.h"
#include "inference/value_facts.h"

namespace weir::inference {

struct Observation {
  ValueFacts root;         ///< its members are the fields of the events
  int64_t events = 0;      ///< that could be read
  int64_t unreadable = 0;  ///< no JSON object, or a CSV record with another number of fields than the header
};

/// `delimiter` is for CSV.
Observation observe(const Sample& sample, SampleFormat format, char delimiter);

}  // namespace weir::inference
