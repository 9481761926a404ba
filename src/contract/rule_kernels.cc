#include "contract/rule_kernels.h"

#include <bit>
#include <cstring>
#include <limits>

#include "contract/regex_internal.h"
#include "contract/row_scan_internal.h"
#include "contract/value_set_internal.h"

namespace weir::contract {

/// One rule over one column. Virtual per batch, never per row.
class RuleSet::Kernel {
 public:
  Kernel(FieldPath path, TypeKind kind) : path_(std::move(path)), kind_(kind) {}
  virtual ~Kernel() = default;

  void evaluate(const Batch& batch, std::vector<int32_t>& out) const {
    const NestedColumn nested(batch, path_);
    WEIR_CHECK_MSG(nested.column()->type->kind() == kind_, "the batch does not have the contract's columns");
    run(nested, batch, out);
  }

 protected:
  virtual void run(const NestedColumn& nested, const Batch& batch, std::vector<int32_t>& out) const = 0;

 private:
  FieldPath path_;
  TypeKind kind_;
};

namespace {

using Kernel = RuleSet::Kernel;

template <typename T>
T load(const uint8_t* values, int64_t row) {
  T value;
  std::memcpy(&value, values + row * static_cast<int64_t>(sizeof(T)), sizeof(T));
  return value;
}

class NotNullKernel final : public Kernel {
 public:
  using Kernel::Kernel;

 protected:
  void run(const NestedColumn& nested, const Batch& batch, std::vector<int32_t>& out) const override {
    if (nested.all_present()) return;
    if (!batch.all_selected()) {
      for (const int32_t row : batch.selection()) {
        if (!nested.is_present(row)) out.push_back(row);
      }
      return;
    }
    const int64_t rows = nested.column()->length;
    for (int64_t first = 0; first < rows; first += 64) {
      const uint64_t inside = rows - first >= 64 ? ~uint64_t{0} : (uint64_t{1} << (rows - first)) - 1;
      append_bits(~nested.present(first / 64) & inside, first, out);
    }
  }
};

/// T: how the column stores values. NaN lies outside of every range.
template <typename T>
class RangeKernel final : public Kernel {
 public:
  RangeKernel(FieldPath path, TypeKind kind, T min, T max) : Kernel(std::move(path), kind), min_(min), max_(max) {}

 protected:
  void run(const NestedColumn& nested, const Batch& batch, std::vector<int32_t>& out) const override {
    const uint8_t* values = nested.column()->values.data();
    const T min = min_;
    const T max = max_;
    scan_cheap(
        nested, batch,
        [=](int64_t row) {
          const T value = load<T>(values, row);
          return !((value >= min) & (value <= max));
        },
        out);
  }

 private:
  T min_;
  T max_;
};

template <typename T>
class AcceptedNumbersKernel final : public Kernel {
 public:
  AcceptedNumbersKernel(FieldPath path, TypeKind kind, const std::vector<T>& values)
      : Kernel(std::move(path), kind), accepted_(values) {}

 protected:
  void run(const NestedColumn& nested, const Batch& batch, std::vector<int32_t>& out) const override {
    const uint8_t* values = nested.column()->values.data();
    scan_present(
        nested, batch, [&](int64_t row) { return !accepted_.contains(load<T>(values, row)); }, out);
  }

 private:
  NumberSet<T> accepted_;
};

class AcceptedBooleansKernel final : public Kernel {
 public:
  AcceptedBooleansKernel(FieldPath path, bool accepts_true, bool accepts_false)
      : Kernel(std::move(path), TypeKind::boolean), accepts_true_(accepts_true), accepts_false_(accepts_false) {}

 protected:
  void run(const NestedColumn& nested, const Batch& batch, std::vector<int32_t>& out) const override {
    const Column& column = *nested.column();
    scan_present(
        nested, batch, [&](int64_t row) { return column.boolean_at(row) ? !accepts_true_ : !accepts_false_; }, out);
  }

 private:
  bool accepts_true_;
  bool accepts_false_;
};

/// The texts of a column, for kernels.
class Texts {
 public:
  explicit Texts(const Column& column)
      : offsets_(column.offsets_span().data()), bytes_(reinterpret_cast<const char*>(column.values.data())) {}
  std::string_view operator[](int64_t row) const {
    return {bytes_ + offsets_[row], static_cast<size_t>(offsets_[row + 1] - offsets_[row])};
  }

 private:
  const int32_t* offsets_;
  const char* bytes_;
};

class AcceptedTextsKernel final : public Kernel {
 public:
  AcceptedTextsKernel(FieldPath path, std::vector<std::string> values)
      : Kernel(std::move(path), TypeKind::string), accepted_(std::move(values)) {}

 protected:
  void run(const NestedColumn& nested, const Batch& batch, std::vector<int32_t>& out) const override {
    const Texts texts(*nested.column());
    const char* const end =
        reinterpret_cast<const char*>(nested.column()->values.data() + nested.column()->values.size());
    scan_present(
        nested, batch, [&](int64_t row) { return !accepted_.contains(texts[row], end); }, out);
  }

 private:
  TextSet accepted_;
};

class RegexKernel final : public Kernel {
 public:
  RegexKernel(FieldPath path, std::shared_ptr<const re2::RE2> regex)
      : Kernel(std::move(path), TypeKind::string), regex_(std::move(regex)) {}

 protected:
  void run(const NestedColumn& nested, const Batch& batch, std::vector<int32_t>& out) const override {
    const Texts texts(*nested.column());
    const re2::RE2& regex = *regex_;
    scan_present(
        nested, batch,
        [&](int64_t row) {
          const std::string_view text = texts[row];
          return !regex.Match({text.data(), text.size()}, 0, text.size(), re2::RE2::UNANCHORED, nullptr, 0);
        },
        out);
  }

 private:
  std::shared_ptr<const re2::RE2> regex_;
};

/// Bytes that do not continue a character: 10xxxxxx, of which the highest bit is set and the one below is not.
int64_t count_characters(std::string_view text) {
  constexpr uint64_t kHighest = 0x8080808080808080;
  int continuing = 0;
  size_t at = 0;
  for (; at + sizeof(uint64_t) <= text.size(); at += sizeof(uint64_t)) {
    uint64_t word = 0;
    std::memcpy(&word, text.data() + at, sizeof word);
    continuing += std::popcount(word & ~(word << 1) & kHighest);
  }
  for (; at < text.size(); ++at) continuing += (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80 ? 1 : 0;
  return static_cast<int64_t>(text.size()) - continuing;
}

/// Characters of text; bytes of binary; elements of a list or map.
class LengthKernel final : public Kernel {
 public:
  LengthKernel(FieldPath path, TypeKind kind, int64_t min, int64_t max)
      : Kernel(std::move(path), kind), in_characters_(kind == TypeKind::string), min_(min), max_(max) {}

 protected:
  void run(const NestedColumn& nested, const Batch& batch, std::vector<int32_t>& out) const override {
    const int32_t* offsets = nested.column()->offsets_span().data();
    const auto fails_by_offsets = [=, this](int64_t row) {
      const int64_t length = offsets[row + 1] - offsets[row];
      return length < min_ || length > max_;
    };
    if (!in_characters_) return scan_present(nested, batch, fails_by_offsets, out);
    const Texts texts(*nested.column());
    scan_present(
        nested, batch,
        [&](int64_t row) {
          const std::string_view text = texts[row];
          const auto bytes = static_cast<int64_t>(text.size());
          // A character has 1 to 4 bytes: most texts need no counting.
          if (bytes <= max_ && (bytes + 3) / 4 >= min_) return false;
          if (bytes < min_) return true;
          const int64_t characters = count_characters(text);
          return characters < min_ || characters > max_;
        },
        out);
  }

 private:
  bool in_characters_;
  int64_t min_;
  int64_t max_;
};

struct Target {
  FieldPath path;
  const Type* type = nullptr;
};

Result<Target> find_target(const Schema& schema, const std::string& column) {
  std::optional<FieldPath> path = find_field_path(schema.fields(), column);
  if (!path) {
    return Error(ErrorKind::invalid_argument, "a rule names the column '" + column +
                                                  "', which the contract does not have outside of lists and maps");
  }
  const Type* type = field_at(schema.fields(), *path).type.get();
  return Target{.path = *std::move(path), .type = type};
}

template <typename Stored, typename Held>
std::unique_ptr<const Kernel> make_range(Target target, const Rule& rule, Stored lowest, Stored highest) {
  const Stored min = rule.min ? static_cast<Stored>(std::get<Held>(*rule.min)) : lowest;
  const Stored max = rule.max ? static_cast<Stored>(std::get<Held>(*rule.max)) : highest;
  return std::make_unique<RangeKernel<Stored>>(std::move(target.path), target.type->kind(), min, max);
}

std::unique_ptr<const Kernel> make_range(Target target, const Rule& rule) {
  switch (target.type->kind()) {
    case TypeKind::int32:
    case TypeKind::date: return make_range<int32_t, int64_t>(std::move(target), rule, INT32_MIN, INT32_MAX);
    case TypeKind::int64:
    case TypeKind::time:
    case TypeKind::timestamp:
    case TypeKind::timestamptz: return make_range<int64_t, int64_t>(std::move(target), rule, INT64_MIN, INT64_MAX);
    case TypeKind::float32: {
      constexpr float kInfinity = std::numeric_limits<float>::infinity();
      return make_range<float, double>(std::move(target), rule, -kInfinity, kInfinity);
    }
    case TypeKind::float64: {
      constexpr double kInfinity = std::numeric_limits<double>::infinity();
      return make_range<double, double>(std::move(target), rule, -kInfinity, kInfinity);
    }
    case TypeKind::decimal: {
      const Int128 highest = power_of_ten(kDecimalPrecisionMax);
      return make_range<Int128, Int128>(std::move(target), rule, -highest, highest);
    }
    default: return nullptr;
  }
}

template <typename Stored, typename Held>
std::unique_ptr<const Kernel> make_accepted_numbers(Target target, const Rule& rule) {
  std::vector<Stored> values;
  for (const Literal& literal : rule.accepted) values.push_back(static_cast<Stored>(std::get<Held>(literal)));
  return std::make_unique<AcceptedNumbersKernel<Stored>>(std::move(target.path), target.type->kind(), values);
}

std::unique_ptr<const Kernel> make_accepted(Target target, const Rule& rule) {
  switch (target.type->kind()) {
    case TypeKind::boolean: {
      const auto accepts = [&](bool value) {
        return std::find(rule.accepted.begin(), rule.accepted.end(), Literal(value)) != rule.accepted.end();
      };
      return std::make_unique<AcceptedBooleansKernel>(std::move(target.path), accepts(true), accepts(false));
    }
    case TypeKind::int32:
    case TypeKind::date: return make_accepted_numbers<int32_t, int64_t>(std::move(target), rule);
    case TypeKind::int64:
    case TypeKind::time:
    case TypeKind::timestamp:
    case TypeKind::timestamptz: return make_accepted_numbers<int64_t, int64_t>(std::move(target), rule);
    case TypeKind::decimal: return make_accepted_numbers<Int128, Int128>(std::move(target), rule);
    case TypeKind::uuid: {
      std::vector<Int128> values;
      for (const Literal& literal : rule.accepted)
        values.push_back(load<Int128>(reinterpret_cast<const uint8_t*>(std::get<std::string>(literal).data()), 0));
      return std::make_unique<AcceptedNumbersKernel<Int128>>(std::move(target.path), TypeKind::uuid, values);
    }
    case TypeKind::string: {
      std::vector<std::string> values;
      for (const Literal& literal : rule.accepted) values.push_back(std::get<std::string>(literal));
      return std::make_unique<AcceptedTextsKernel>(std::move(target.path), std::move(values));
    }
    default: return nullptr;
  }
}

/// Null when the rule does not go with the type.
Result<std::unique_ptr<const Kernel>> make_kernel(Target target, const Rule& rule) {
  const TypeKind kind = target.type->kind();
  switch (rule.kind) {
    case RuleKind::not_null:
      return std::unique_ptr<const Kernel>(std::make_unique<NotNullKernel>(std::move(target.path), kind));
    case RuleKind::range: return make_range(std::move(target), rule);
    case RuleKind::accepted_values: return rule.accepted.empty() ? nullptr : make_accepted(std::move(target), rule);
    case RuleKind::regex: {
      if (kind != TypeKind::string) break;
      WEIR_ASSIGN(auto regex, compile_regex(rule.pattern));
      return std::unique_ptr<const Kernel>(std::make_unique<RegexKernel>(std::move(target.path), std::move(regex)));
    }
    case RuleKind::length: {
      if (kind != TypeKind::string && kind != TypeKind::binary && kind != TypeKind::list && kind != TypeKind::map)
        break;
      return std::unique_ptr<const Kernel>(std::make_unique<LengthKernel>(
          std::move(target.path), kind, rule.length_min.value_or(0), rule.length_max.value_or(INT64_MAX)));
    }
    case RuleKind::sql: break;
  }
  return std::unique_ptr<const Kernel>();
}

}  // namespace

void RuleOutcome::reset(size_t rules) {
  failing_.resize(rules);
  for (std::vector<int32_t>& rows : failing_) rows.clear();
}

Result<RuleSet> RuleSet::make(const Contract& contract) {
  auto sql_rules = std::make_shared<std::vector<size_t>>();
  auto kernels = std::make_shared<std::vector<std::unique_ptr<const Kernel>>>();
  for (size_t i = 0; i < contract.rules.size(); ++i) {
    const Rule& rule = contract.rules[i];
    if (rule.kind == RuleKind::sql) {
      sql_rules->push_back(i);
      kernels->push_back(nullptr);
      continue;
    }
    WEIR_ASSIGN(Target target, find_target(*contract.schema, rule.column));
    WEIR_ASSIGN(auto kernel, make_kernel(std::move(target), rule));
    if (kernel == nullptr) {
      return Error(ErrorKind::invalid_argument,
                   "the rule '" + rule.name + "' does not go with the type of '" + rule.column + "'");
    }
    kernels->push_back(std::move(kernel));
  }
  RuleSet set;
  set.rules_ = std::make_shared<const std::vector<Rule>>(contract.rules);
  set.sql_rules_ = std::move(sql_rules);
  set.kernels_ = std::move(kernels);
  return set;
}

void RuleSet::evaluate(const Batch& batch, RuleOutcome& outcome) const {
  outcome.reset(rules_->size());
  for (size_t i = 0; i < kernels_->size(); ++i) {
    if ((*kernels_)[i] != nullptr) (*kernels_)[i]->evaluate(batch, outcome.failing(i));
  }
}

}  // namespace weir::contract
