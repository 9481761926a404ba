/// \file
/// Names of the inference module for headers that need no more than the name.
#pragma once

namespace weir::inference {
struct DecodedSample;
struct Proposal;
struct Sample;
struct SampleRequest;
struct ValueFacts;
}  // namespace weir::inference
