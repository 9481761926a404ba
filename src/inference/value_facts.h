/// \file
/// What is known of the values of one field after looking at a sample.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace weir::inference {

/// Counts of what was seen, by how events write it. Fields are in the order in which they were first met.
struct ValueFacts {
  int64_t nulls = 0;
  int64_t booleans = 0;
  int64_t integers = 0;  ///< whole numbers, of any size
  int64_t reals = 0;     ///< numbers with a point or an exponent
  int64_t texts = 0;
  int64_t objects = 0;
  int64_t arrays = 0;

  bool beyond_long = false;  ///< of integers: one does not fit into 64 bits
  int digits_max = 0;        ///< of numbers: digits before the point
  int scale_min = -1;        ///< of reals: digits behind the point; -1: none seen
  int scale_max = -1;
  bool has_exponent = false;

  int64_t dates = 0;        ///< of texts: 2026-01-31
  int64_t instants = 0;     ///< 2026-01-31T12:00:00Z
  int64_t local_times = 0;  ///< 2026-01-31T12:00:00
  int64_t uuids = 0;
  int64_t ambiguous_dates = 0;  ///< 03/04/2026
  int64_t empty_texts = 0;
  bool has_leading_zero = false;  ///< CSV: a number that begins with 0 and has more digits

  struct Member;
  std::vector<Member> members;           ///< of objects
  std::unique_ptr<ValueFacts> elements;  ///< of arrays; null: all were empty

  int64_t seen() const { return nulls + booleans + integers + reals + texts + objects + arrays; }
  /// The facts of the member `name`, made when it is new; null when there are too many.
  ValueFacts* member(std::string_view name);

  /// Count one value. `literal` as the event writes it.
  void add_number(std::string_view literal);
  void add_text(std::string_view text);
};

struct ValueFacts::Member {
  std::string name;
  std::unique_ptr<ValueFacts> facts;
};

/// Members of all objects of one field that are kept; more look like data that is used as keys.
inline constexpr size_t kMembersMax = 500;

}  // namespace weir::inference
