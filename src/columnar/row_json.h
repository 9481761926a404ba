/// \file
/// A row as a JSON object, so that it can stand for itself where nothing else of its batch is kept.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "columnar/batch.h"

namespace weir {

/// {"id":7,"seen":"2014-01-02T03:04:05.000000Z","tags":["a"]}: members in the order of the columns; null where there is
/// no value. Dates, times and UUIDs are text in their usual form; decimals are numbers; bytes are base64; a map is an
/// array of {"key":..,"value":..}; a double that is no number is text. `row` is a physical row. The text is cut after
/// `bytes_max`: `is_cut` says so, and then it is no whole object.
std::string row_json(const Batch& batch, int64_t row, size_t bytes_max, bool& is_cut);

}  // namespace weir
