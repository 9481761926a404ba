#include "inference/observer.h"

#include <string>

#include <nlohmann/json.hpp>

#include "inference/event_place.h"

namespace weir::inference {
namespace {

using Json = nlohmann::json;

/// Levels below which values are not told apart.
constexpr size_t kDepthMax = 16;

/// Takes the parser's calls: where it stands is a stack of facts, with null for what is not looked into.
class JsonObserver final : public nlohmann::json_sax<Json> {
 public:
  explicit JsonObserver(ValueFacts& root) : root_(root) {}

  bool null() override {
    return count([](ValueFacts& facts) { ++facts.nulls; });
  }
  bool boolean(bool) override {
    return count([](ValueFacts& facts) { ++facts.booleans; });
  }
  bool number_integer(number_integer_t value) override {
    return count([&](ValueFacts& facts) { facts.add_number(std::to_string(value)); });
  }
  bool number_unsigned(number_unsigned_t value) override {
    return count([&](ValueFacts& facts) { facts.add_number(std::to_string(value)); });
  }
  bool number_float(number_float_t, const string_t& literal) override {
    return count([&](ValueFacts& facts) { facts.add_number(literal); });
  }
  bool string(string_t& text) override {
    return count([&](ValueFacts& facts) { facts.add_text(text); });
  }
  bool binary(binary_t&) override { return false; }
  bool start_object(size_t) override {
    if (stack_.empty()) {
      stack_.push_back({.facts = &root_, .is_array = false});
      ++root_.objects;
      return true;
    }
    return open(false);
  }
  bool key(string_t& name) override {
    Level& level = stack_.back();
    member_ = level.facts == nullptr ? nullptr : level.facts->member(name);
    return true;
  }
  bool end_object() override { return close(); }
  bool start_array(size_t) override { return !stack_.empty() && open(true); }
  bool end_array() override { return close(); }
  bool parse_error(size_t, const std::string&, const nlohmann::detail::exception&) override { return false; }

 private:
  struct Level {
    ValueFacts* facts;
    bool is_array;
  };

  /// The facts of the value that begins; null when it is not looked into.
  ValueFacts* next() {
    Level& level = stack_.back();
    if (!level.is_array) return member_;
    if (level.facts == nullptr) return nullptr;
    if (!level.facts->elements) level.facts->elements = std::make_unique<ValueFacts>();
    return level.facts->elements.get();
  }
  template <typename Count>
  bool count(Count counted) {
    if (stack_.empty()) return false;  // no object
    if (ValueFacts* facts = next()) counted(*facts);
    return true;
  }
  bool open(bool is_array) {
    ValueFacts* facts = next();
    if (facts != nullptr) ++(is_array ? facts->arrays : facts->objects);
    stack_.push_back({.facts = stack_.size() < kDepthMax ? facts : nullptr, .is_array = is_array});
    return true;
  }
  bool close() {
    stack_.pop_back();
    return true;
  }

  ValueFacts& root_;
  std::vector<Level> stack_;
  ValueFacts* member_ = nullptr;
};

/// A field of CSV by what its text looks like: quoted text is text.
void add_csv_field(ValueFacts& facts, const CsvField& field) {
  const std::string& text = field.text;
  if (text.empty() && !field.quoted) {
    ++facts.nulls;
  } else if (!field.quoted && (text == "true" || text == "false")) {
    ++facts.booleans;
  } else if (!field.quoted && Json::accept(text) && (text[0] == '-' || (text[0] >= '0' && text[0] <= '9'))) {
    facts.add_number(text);
  } else {
    const bool zero = text.size() > 1 && text[0] == '0' && text.find_first_not_of("0123456789") == std::string::npos;
    facts.has_leading_zero = facts.has_leading_zero || zero;
    facts.add_text(text);
  }
}

bool observe_csv(ValueFacts& root, const std::vector<CsvField>& header, const std::vector<CsvField>& fields) {
  if (fields.size() != header.size()) return false;
  for (size_t i = 0; i < fields.size(); ++i) {
    if (ValueFacts* facts = root.member(header[i].text)) add_csv_field(*facts, fields[i]);
  }
  return true;
}

}  // namespace

Observation observe(const Sample& sample, SampleFormat format, char delimiter) {
  Observation seen;
  for (const auto& batch : sample.batches) {
    const std::vector<CsvField> header =
        format == SampleFormat::csv ? split_csv(batch->context(), delimiter) : std::vector<CsvField>();
    for (size_t i = 0; i < batch->size(); ++i) {
      const std::string_view event = batch->bytes(i);
      bool ok = !batch->is_broken(i) && !batch->is_truncated(i) && !batch->is_null(i);
      if (ok && format == SampleFormat::json) {
        JsonObserver observer(seen.root);
        ok = Json::sax_parse(event.begin(), event.end(), &observer);
      } else if (ok) {
        ok = observe_csv(seen.root, header, split_csv(event, delimiter));
      }
      ++(ok ? seen.events : seen.unreadable);
    }
  }
  return seen;
}

}  // namespace weir::inference
