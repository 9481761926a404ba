/// \file
/// The kinds of value encoders.
#pragma once

#include <memory>

#include "format/parquet/encoding/value_encoder.h"

namespace weir::parquet {

std::unique_ptr<ValueEncoder> make_boolean_encoder();
std::unique_ptr<ValueEncoder> make_number_encoder(const Leaf& leaf, const WriterOptions& options);
std::unique_ptr<ValueEncoder> make_bytes_encoder(const Leaf& leaf, const WriterOptions& options);

}  // namespace weir::parquet
