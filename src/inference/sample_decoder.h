/// \file
/// What a contract makes of a sample.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "columnar/batch.h"
#include "contract/contract.h"
#include "inference/sample.h"

namespace weir::inference {

struct SampleReject {
  std::string error_class;  ///< as the dead letter names it
  std::string rule;         ///< empty: none
  std::string column;       ///< dotted path; empty: the whole event
  std::string message;
  std::shared_ptr<const RawBatch> batch;
  uint32_t raw_index = 0;  ///< the event in `batch`

  std::string_view bytes() const { return batch->bytes(raw_index); }
  /// Number of the event in its file, from 0; its Kafka offset.
  int64_t number() const { return batch->offset(raw_index); }
};

struct DecodedSample {
  std::vector<Batch> rows;  ///< dense; the first ones, of at least `rows_max` rows together
  int64_t accepted = 0;
  std::vector<SampleReject> rejects;  ///< all, in order of the events
  std::vector<std::string> notes;     ///< the decoder's, for people
};

/// Runs `sample` through the decoder and the rules of `contract`, as a pipeline would. Errors: those of binding the
/// rules, and of rules that stop a pipeline.
Result<DecodedSample> decode_sample(const Sample& sample, const contract::Contract& contract, SampleFormat format,
                                    char delimiter, int64_t rows_max);

/// The byte of an event at which a reject has its cause; npos when it is the whole event.
size_t place_of(const SampleReject& reject, const contract::Contract& contract, SampleFormat format, char delimiter);

}  // namespace weir::inference
