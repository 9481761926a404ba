#include <cmath>
#include <cstring>
#include <utility>

#include "operator/aggregate_internal.h"
#include "operator/exact_sum_internal.h"

namespace weir::operators {
namespace {

/// Calls `one(row, state)` for each row that counts.
template <typename One>
void each_row(const Column* argument, const Column* condition, std::span<const int32_t> rows,
              std::span<const state::Entry> entries, size_t offset, One one) {
  const bool has_nulls = argument != nullptr && argument->null_count != 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    const int64_t row = rows[i];
    if (condition != nullptr && (condition->is_null(row) || !condition->boolean_at(row))) continue;
    if (has_nulls && argument->is_null(row)) continue;
    one(row, entries[i].value + offset);
  }
}

class Count final : public Aggregate {
 public:
  size_t state_bytes() const override { return 8; }
  const TypePtr& result_type() const override { return type_; }
  bool may_be_null() const override { return false; }
  std::string signature() const override { return "count"; }
  void add(const Column* argument, const Column* condition, std::span<const int32_t> rows,
           std::span<const state::Entry> entries, size_t offset) const override {
    each_row(argument, condition, rows, entries, offset,
             [](int64_t, std::byte* state) { ++*reinterpret_cast<int64_t*>(state); });
  }
  Result<void> finish(const std::byte* state, ColumnBuilder& out) const override {
    static_cast<FixedBuilder<int64_t>&>(out).append(*reinterpret_cast<const int64_t*>(state));
    return {};
  }

 private:
  TypePtr type_ = Type::primitive(TypeKind::int64);
};

/// A sum of whole numbers of 192 bits, in two's complement, and how many there were.
struct WideSum {
  uint64_t low;
  uint64_t middle;
  int64_t high;
  int64_t count;

  void add(Int128 value) {
    const auto bits = static_cast<unsigned __int128>(value);
    const bool first = __builtin_add_overflow(low, static_cast<uint64_t>(bits), &low);
    const bool second = __builtin_add_overflow(middle, static_cast<uint64_t>(bits >> 64), &middle);
    const bool third = __builtin_add_overflow(middle, uint64_t{first}, &middle);
    high += (value < 0 ? -1 : 0) + (second ? 1 : 0) + (third ? 1 : 0);
    ++count;
  }
  /// False when 128 bits do not hold it.
  bool to_int128(Int128& value) const {
    value = static_cast<Int128>((static_cast<unsigned __int128>(middle) << 64) | low);
    return high == (value < 0 ? -1 : 0);
  }
  long double to_long_double() const {
    return std::ldexp(static_cast<long double>(high), 128) + std::ldexp(static_cast<long double>(middle), 64) +
           static_cast<long double>(low);
  }
};

Int128 whole_number(const Column& column, int64_t row) {
  const auto at = static_cast<size_t>(row);
  switch (column.type->kind()) {
    case TypeKind::int32: return column.values_as<int32_t>()[at];
    case TypeKind::int64: return column.values_as<int64_t>()[at];
    default: {
      Int128 value;
      std::memcpy(&value, column.values.data() + at * sizeof value, sizeof value);
      return value;
    }
  }
}

/// sum and avg of int, long and decimal.
class WholeSum final : public Aggregate {
 public:
  WholeSum(const TypePtr& argument, bool is_average)
      : scale_(argument->kind() == TypeKind::decimal ? argument->scale() : 0),
        is_average_(is_average),
        type_(is_average ? Type::primitive(TypeKind::float64) : Type::decimal(kDecimalPrecisionMax, scale_)) {}

  size_t state_bytes() const override { return sizeof(WideSum); }
  const TypePtr& result_type() const override { return type_; }
  std::string signature() const override { return "sum n" + std::to_string(scale_); }
  void add(const Column* argument, const Column* condition, std::span<const int32_t> rows,
           std::span<const state::Entry> entries, size_t offset) const override {
    each_row(argument, condition, rows, entries, offset, [&](int64_t row, std::byte* state) {
      reinterpret_cast<WideSum*>(state)->add(whole_number(*argument, row));
    });
  }
  Result<void> finish(const std::byte* state, ColumnBuilder& out) const override {
    const auto& sum = *reinterpret_cast<const WideSum*>(state);
    if (sum.count == 0) {
      out.append_null();
      return {};
    }
    if (is_average_) {
      const long double average = sum.to_long_double() / static_cast<long double>(sum.count);
      const auto unit = static_cast<long double>(std::pow(10.0L, scale_));
      static_cast<FixedBuilder<double>&>(out).append(static_cast<double>(average / unit));
      return {};
    }
    Int128 value = 0;
    const Int128 bound = power_of_ten(kDecimalPrecisionMax);
    if (!sum.to_int128(value) || value >= bound || value <= -bound) {
      return Error(ErrorKind::limit_exceeded, "a sum has more than " + std::to_string(kDecimalPrecisionMax) +
                                                  " digits; sum a cast of the column to double instead");
    }
    static_cast<FixedBuilder<Int128>&>(out).append(value);
    return {};
  }

 private:
  int scale_;
  bool is_average_;
  TypePtr type_;
};

/// sum and avg of float and double.
class RealSum final : public Aggregate {
 public:
  RealSum(const TypePtr& argument, bool is_average)
      : is_float_(argument->kind() == TypeKind::float32), is_average_(is_average) {}

  size_t state_bytes() const override { return sizeof(State); }
  const TypePtr& result_type() const override { return type_; }
  std::string signature() const override { return "sum f"; }
  void add(const Column* argument, const Column* condition, std::span<const int32_t> rows,
           std::span<const state::Entry> entries, size_t offset) const override {
    each_row(argument, condition, rows, entries, offset, [&](int64_t row, std::byte* at) {
      auto& state = *reinterpret_cast<State*>(at);
      const auto i = static_cast<size_t>(row);
      state.sum.add(is_float_ ? double{argument->values_as<float>()[i]} : argument->values_as<double>()[i]);
      ++state.count;
    });
  }
  Result<void> finish(const std::byte* at, ColumnBuilder& out) const override {
    const auto& state = *reinterpret_cast<const State*>(at);
    if (state.count == 0) {
      out.append_null();
      return {};
    }
    const double sum = state.sum.rounded();
    static_cast<FixedBuilder<double>&>(out).append(is_average_ ? sum / static_cast<double>(state.count) : sum);
    return {};
  }

 private:
  struct State {
    ExactSum sum;
    int64_t count;
  };
  bool is_float_;
  bool is_average_;
  TypePtr type_ = Type::primitive(TypeKind::float64);
};

/// min and max of what has a fixed width. NaN is greater than all other numbers, as in DuckDB.
template <typename T>
class Extreme final : public Aggregate {
 public:
  Extreme(TypePtr argument, bool is_max) : type_(std::move(argument)), is_max_(is_max) {}

  size_t state_bytes() const override { return 8 + (sizeof(T) + 7) / 8 * 8; }
  const TypePtr& result_type() const override { return type_; }
  std::string signature() const override { return (is_max_ ? "max " : "min ") + type_->to_string(); }
  void add(const Column* argument, const Column* condition, std::span<const int32_t> rows,
           std::span<const state::Entry> entries, size_t offset) const override {
    each_row(argument, condition, rows, entries, offset, [&](int64_t row, std::byte* state) {
      T value;
      T best;
      std::memcpy(&value, argument->values.data() + static_cast<size_t>(row) * sizeof(T), sizeof(T));
      std::memcpy(&best, state + 8, sizeof(T));
      auto& is_set = *reinterpret_cast<int64_t*>(state);
      if (is_set != 0 && !(is_max_ ? is_less(best, value) : is_less(value, best))) return;
      is_set = 1;
      std::memcpy(state + 8, &value, sizeof(T));
    });
  }
  Result<void> finish(const std::byte* state, ColumnBuilder& out) const override {
    if (*reinterpret_cast<const int64_t*>(state) == 0) {
      out.append_null();
      return {};
    }
    T value;
    std::memcpy(&value, state + 8, sizeof(T));
    static_cast<FixedBuilder<T>&>(out).append(value);
    return {};
  }

 private:
  static bool is_less(T a, T b) {
    if constexpr (std::is_floating_point_v<T>) {
      if (std::isnan(a)) return false;
      if (std::isnan(b)) return true;
      // One zero, so that the result does not tell which came first.
      if (a == b) return std::signbit(a) && !std::signbit(b);
    }
    return a < b;
  }

  TypePtr type_;
  bool is_max_;
};

template <typename T>
std::unique_ptr<Aggregate> make_extreme(const TypePtr& argument, bool is_max) {
  return std::make_unique<Extreme<T>>(argument, is_max);
}

std::unique_ptr<Aggregate> make_extreme(const TypePtr& argument, bool is_max) {
  switch (argument->kind()) {
    case TypeKind::int32:
    case TypeKind::date: return make_extreme<int32_t>(argument, is_max);
    case TypeKind::int64:
    case TypeKind::time:
    case TypeKind::timestamp:
    case TypeKind::timestamptz: return make_extreme<int64_t>(argument, is_max);
    case TypeKind::float32: return make_extreme<float>(argument, is_max);
    case TypeKind::float64: return make_extreme<double>(argument, is_max);
    case TypeKind::decimal: return make_extreme<Int128>(argument, is_max);
    default: return nullptr;
  }
}

}  // namespace

Result<std::unique_ptr<Aggregate>> make_aggregate(const std::string& function, const TypePtr& argument) {
  if (function == "count") return std::unique_ptr<Aggregate>(std::make_unique<Count>());
  std::unique_ptr<Aggregate> aggregate;
  const TypeKind kind = argument->kind();
  if (function == "min" || function == "max") {
    aggregate = make_extreme(argument, function == "max");
  } else if (kind == TypeKind::int32 || kind == TypeKind::int64 || kind == TypeKind::decimal) {
    aggregate = std::make_unique<WholeSum>(argument, function == "avg");
  } else if (kind == TypeKind::float32 || kind == TypeKind::float64) {
    aggregate = std::make_unique<RealSum>(argument, function == "avg");
  }
  if (aggregate == nullptr) {
    return Error(ErrorKind::invalid_argument,
                 function + " takes " +
                     (function == "min" || function == "max" ? "numbers, dates and times" : "numbers") + ", not a " +
                     argument->to_string());
  }
  return aggregate;
}

}  // namespace weir::operators
