/// \file
/// What a careful person writes by hand with simdjson On-Demand for exactly one schema: the peer of our decoder.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "columnar/batch.h"
#include "event/raw_batch.h"

namespace weir::codec::bench {

/// A column as plain vectors.
struct Strings {
  std::vector<char> bytes;
  std::vector<int32_t> ends = {0};
  void add(std::string_view text) {
    bytes.insert(bytes.end(), text.begin(), text.end());
    ends.push_back(static_cast<int32_t>(bytes.size()));
  }
  void clear() {
    bytes.clear();
    ends.resize(1);
  }
};

/// Columns by position in the schema of the workload; those of other types stay empty. Nested columns follow one
/// another flat.
struct PlainColumns {
  std::vector<Strings> strings;
  std::vector<std::vector<int64_t>> longs;
  std::vector<std::vector<int32_t>> ints;
  std::vector<std::vector<double>> doubles;
  std::vector<std::vector<uint8_t>> booleans;
  std::vector<std::vector<uint8_t>> present;  ///< of sparse columns only
  explicit PlainColumns(size_t columns)
      : strings(columns), longs(columns), ints(columns), doubles(columns), booleans(columns), present(columns) {}
  void clear();
};

/// Parses a whole batch into cleared columns, which keep their capacity; returns false at the first bad event.
class ReferenceLoop {
 public:
  virtual ~ReferenceLoop() = default;
  virtual bool parse(const RawBatch& raw, PlainColumns& columns) = 0;
};

/// Ordered: find_field in the order of the schema, one iterate() an event. Unordered: a loop over the fields with a
/// switch over the key.
std::unique_ptr<ReferenceLoop> make_ad_loop(bool ordered);
std::unique_ptr<ReferenceLoop> make_click_loop(bool ordered);
/// Clicks with absent fields: as unordered, then a null for each column that was not there.
std::unique_ptr<ReferenceLoop> make_sparse_loop();
/// Looks at the schema's fields only: unlike our decoder it does not validate the rest.
std::unique_ptr<ReferenceLoop> make_github_loop();

/// Compares our columns with the loop's; returns the first difference, or an empty string.
std::string difference(const Batch& batch, const PlainColumns& plain);

}  // namespace weir::codec::bench
