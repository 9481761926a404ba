#include "codec/bench/reference_loop.h"

#include <cstring>

#include <simdjson.h>

#include "base/civil_time.h"

namespace weir::codec::bench {
namespace {

namespace od = simdjson::ondemand;

int two(const char* p) {
  return (p[0] - '0') * 10 + (p[1] - '0');
}

/// "2026-11-20T06:00:00.123Z" and nothing else: what the hand loop's author knows of the data.
bool fast_instant(std::string_view text, int64_t& micros) {
  if (text.size() != 24 && text.size() != 20) return parse_instant(text, micros) == TimeParse::ok;
  const char* p = text.data();
  int64_t fraction = 0;
  if (text.size() == 24) fraction = ((p[20] - '0') * 100 + two(p + 21)) * 1000;
  const int32_t days = days_from_civil({two(p) * 100 + two(p + 2), two(p + 5), two(p + 8)});
  micros = days * kMicrosPerDay + ((two(p + 11) * 60 + two(p + 14)) * 60 + two(p + 17)) * kMicrosPerSecond + fraction;
  return true;
}

bool add_string(od::value value, Strings& to) {
  std::string_view text;
  if (value.get_string().get(text)) return false;
  to.add(text);
  return true;
}

bool add_instant(od::value value, std::vector<int64_t>& to) {
  std::string_view text;
  int64_t micros = 0;
  if (value.get_string().get(text) || !fast_instant(text, micros)) return false;
  to.push_back(micros);
  return true;
}

bool add_long(od::value value, std::vector<int64_t>& to, int64_t scale = 1) {
  int64_t number = 0;
  if (value.get_int64().get(number)) return false;
  to.push_back(number * scale);
  return true;
}

bool add_int(od::value value, std::vector<int32_t>& to) {
  int64_t number = 0;
  if (value.get_int64().get(number) || number != static_cast<int32_t>(number)) return false;
  to.push_back(static_cast<int32_t>(number));
  return true;
}

bool add_double(od::value value, std::vector<double>& to) {
  double number = 0;
  if (value.get_double().get(number)) return false;
  to.push_back(number);
  return true;
}

bool add_boolean(od::value value, std::vector<uint8_t>& to) {
  bool truth = false;
  if (value.get_bool().get(truth)) return false;
  to.push_back(truth ? 1 : 0);
  return true;
}

bool add_geo(od::value value, PlainColumns& c) {
  od::object geo;
  if (value.get_object().get(geo)) return false;
  od::value lat;
  od::value lon;
  return !geo.find_field_unordered("lat").get(lat) && add_double(lat, c.doubles[11]) &&
         !geo.find_field_unordered("lon").get(lon) && add_double(lon, c.doubles[12]);
}

struct AdRow {
  static constexpr std::string_view kKeys[] = {"event_id", "ts",         "user_id", "campaign_id", "ad_id", "country",
                                               "device",   "event_type", "price",   "currency",    "url",   "geo"};
  static bool add(int key, od::value value, PlainColumns& c) {
    const auto at = static_cast<size_t>(key);
    switch (key) {
      case 1: return add_instant(value, c.longs[at]);
      case 2: return add_long(value, c.longs[at]);
      case 3:
      case 4: return add_int(value, c.ints[at]);
      case 8: return add_double(value, c.doubles[at]);
      case 11: return add_geo(value, c);
      default: return add_string(value, c.strings[at]);
    }
  }
  static int find(std::string_view key) {
    switch (key.size()) {
      case 2: return key == "ts" ? 1 : -1;
      case 3: return key == "url" ? 10 : key == "geo" ? 11 : -1;
      case 5: return key == "ad_id" ? 4 : key == "price" ? 8 : -1;
      case 6: return key == "device" ? 6 : -1;
      case 7: return key == "user_id" ? 2 : key == "country" ? 5 : -1;
      case 8: return key == "event_id" ? 0 : key == "currency" ? 9 : -1;
      case 10: return key == "event_type" ? 7 : -1;
      case 11: return key == "campaign_id" ? 3 : -1;
      default: return -1;
    }
  }
};

struct ClickRow {
  static constexpr std::string_view kKeys[] = {"event_id", "ts",     "user_id", "session_id", "event_type", "page",
                                               "referrer", "device", "country", "price",      "qty",        "ok"};
  static bool add(int key, od::value value, PlainColumns& c) {
    const auto at = static_cast<size_t>(key);
    switch (key) {
      case 1: return add_long(value, c.longs[at], 1000);
      case 2: return add_long(value, c.longs[at]);
      case 9: return add_double(value, c.doubles[at]);
      case 10: return add_int(value, c.ints[at]);
      case 11: return add_boolean(value, c.booleans[at]);
      default: return add_string(value, c.strings[at]);
    }
  }
  static int find(std::string_view key) {
    switch (key.size()) {
      case 2: return key == "ts" ? 1 : key == "ok" ? 11 : -1;
      case 3: return key == "qty" ? 10 : -1;
      case 4: return key == "page" ? 5 : -1;
      case 5: return key == "price" ? 9 : -1;
      case 6: return key == "device" ? 7 : -1;
      case 7: return key == "user_id" ? 2 : key == "country" ? 8 : -1;
      case 8: return key == "event_id" ? 0 : key == "referrer" ? 6 : -1;
      case 10: return key == "event_type" ? 4 : key == "session_id" ? 3 : -1;
      default: return -1;
    }
  }
};

template <typename Row>
class OrderedLoop final : public ReferenceLoop {
 public:
  bool parse(const RawBatch& raw, PlainColumns& columns) override {
    for (size_t i = 0; i < raw.size(); ++i) {
      const std::string_view event = raw.bytes(i);
      od::document document;
      od::object object;
      if (parser_.iterate(event.data(), event.size(), event.size() + simdjson::SIMDJSON_PADDING).get(document))
        return false;
      if (document.get_object().get(object)) return false;
      for (int key = 0; key < static_cast<int>(std::size(Row::kKeys)); ++key) {
        od::value value;
        if (object.find_field(Row::kKeys[key]).get(value) || !Row::add(key, value, columns)) return false;
      }
    }
    return true;
  }

 private:
  od::parser parser_;
};

template <typename Row>
class UnorderedLoop final : public ReferenceLoop {
 public:
  bool parse(const RawBatch& raw, PlainColumns& columns) override {
    for (size_t i = 0; i < raw.size(); ++i) {
      const std::string_view event = raw.bytes(i);
      od::document document;
      od::object object;
      if (parser_.iterate(event.data(), event.size(), event.size() + simdjson::SIMDJSON_PADDING).get(document))
        return false;
      if (document.get_object().get(object)) return false;
      for (auto step : object) {
        od::field field;
        if (std::move(step).get(field)) return false;
        const int key = Row::find(field.escaped_key());
        if (key >= 0 && !Row::add(key, field.value(), columns)) return false;
      }
    }
    return true;
  }

 private:
  od::parser parser_;
};

class SparseLoop final : public ReferenceLoop {
 public:
  bool parse(const RawBatch& raw, PlainColumns& columns) override {
    for (size_t i = 0; i < raw.size(); ++i) {
      const std::string_view event = raw.bytes(i);
      od::document document;
      od::object object;
      if (parser_.iterate(event.data(), event.size(), event.size() + simdjson::SIMDJSON_PADDING).get(document))
        return false;
      if (document.get_object().get(object)) return false;
      uint32_t seen = 0;
      for (auto step : object) {
        od::field field;
        if (std::move(step).get(field)) return false;
        const int key = ClickRow::find(field.escaped_key());
        if (key < 0) continue;
        seen |= 1U << key;
        if (!ClickRow::add(key, field.value(), columns)) return false;
      }
      for (size_t key = 2; key < 12; ++key) {
        const bool is_present = (seen >> key & 1) != 0;
        columns.present[key].push_back(is_present ? 1 : 0);
        if (!is_present) add_nothing(key, columns);
      }
    }
    return true;
  }

 private:
  static void add_nothing(size_t key, PlainColumns& c) {
    switch (key) {
      case 2: c.longs[key].push_back(0); break;
      case 9: c.doubles[key].push_back(0); break;
      case 10: c.ints[key].push_back(0); break;
      case 11: c.booleans[key].push_back(0); break;
      default: c.strings[key].ends.push_back(static_cast<int32_t>(c.strings[key].bytes.size()));
    }
  }
  od::parser parser_;
};

bool add_person(od::value value, PlainColumns& c, size_t at, const char* name) {
  od::object object;
  od::value member;
  return !value.get_object().get(object) && !object.find_field("id").get(member) && add_long(member, c.longs[at]) &&
         !object.find_field(name).get(member) && add_string(member, c.strings[at + 1]) &&
         !object.find_field("url").get(member) && add_string(member, c.strings[at + 2]);
}

class GithubLoop final : public ReferenceLoop {
 public:
  bool parse(const RawBatch& raw, PlainColumns& c) override {
    for (size_t i = 0; i < raw.size(); ++i) {
      const std::string_view event = raw.bytes(i);
      od::document document;
      od::object object;
      od::value value;
      if (parser_.iterate(event.data(), event.size(), event.size() + simdjson::SIMDJSON_PADDING).get(document))
        return false;
      if (document.get_object().get(object)) return false;
      if (object.find_field("id").get(value) || !add_string(value, c.strings[0])) return false;
      if (object.find_field("type").get(value) || !add_string(value, c.strings[1])) return false;
      if (object.find_field("actor").get(value) || !add_person(value, c, 2, "login")) return false;
      if (object.find_field("repo").get(value) || !add_person(value, c, 5, "name")) return false;
      if (object.find_field("public").get(value) || !add_boolean(value, c.booleans[8])) return false;
      if (object.find_field("created_at").get(value) || !add_instant(value, c.longs[9])) return false;
    }
    return true;
  }

 private:
  od::parser parser_;
};

template <typename T>
bool same_values(const Column& column, const std::vector<T>& plain) {
  return column.length == static_cast<int64_t>(plain.size()) &&
         std::memcmp(column.values.data(), plain.data(), plain.size() * sizeof(T)) == 0;
}

bool same(const Column& column, const PlainColumns& plain, size_t& at) {
  const size_t i = at;
  for (int64_t row = 0; row < column.length && !column.type->is_nested(); ++row) {
    const bool is_present = plain.present[i].empty() || plain.present[i][static_cast<size_t>(row)] != 0;
    if (column.is_null(row) == is_present) return false;
  }
  switch (column.type->kind()) {
    case TypeKind::structure:
      for (const ColumnPtr& child : column.children) {
        if (!same(*child, plain, at)) return false;
      }
      return true;
    case TypeKind::string: {
      ++at;
      const Strings& strings = plain.strings[i];
      return column.length + 1 == static_cast<int64_t>(strings.ends.size()) &&
             column.values.size() == strings.bytes.size() &&
             std::memcmp(column.values.data(), strings.bytes.data(), strings.bytes.size()) == 0 &&
             std::memcmp(column.offsets.data(), strings.ends.data(), strings.ends.size() * sizeof(int32_t)) == 0;
    }
    case TypeKind::boolean:
      ++at;
      for (int64_t row = 0; row < column.length; ++row) {
        if (column.boolean_at(row) != (plain.booleans[i][static_cast<size_t>(row)] != 0)) return false;
      }
      return column.length == static_cast<int64_t>(plain.booleans[i].size());
    case TypeKind::int32: ++at; return same_values(column, plain.ints[i]);
    case TypeKind::float64: ++at; return same_values(column, plain.doubles[i]);
    default: ++at; return same_values(column, plain.longs[i]);
  }
}

}  // namespace

void PlainColumns::clear() {
  for (auto& column : strings) column.clear();
  for (auto& column : longs) column.clear();
  for (auto& column : ints) column.clear();
  for (auto& column : doubles) column.clear();
  for (auto& column : booleans) column.clear();
  for (auto& column : present) column.clear();
}

std::unique_ptr<ReferenceLoop> make_ad_loop(bool ordered) {
  if (ordered) return std::make_unique<OrderedLoop<AdRow>>();
  return std::make_unique<UnorderedLoop<AdRow>>();
}

std::unique_ptr<ReferenceLoop> make_click_loop(bool ordered) {
  if (ordered) return std::make_unique<OrderedLoop<ClickRow>>();
  return std::make_unique<UnorderedLoop<ClickRow>>();
}

std::unique_ptr<ReferenceLoop> make_sparse_loop() {
  return std::make_unique<SparseLoop>();
}

std::unique_ptr<ReferenceLoop> make_github_loop() {
  return std::make_unique<GithubLoop>();
}

std::string difference(const Batch& batch, const PlainColumns& plain) {
  size_t at = 0;
  for (size_t c = 0; c < batch.columns().size(); ++c) {
    if (!same(batch.column(c), plain, at)) return "column '" + batch.schema()->field(c).name + "' differs";
  }
  return {};
}

}  // namespace weir::codec::bench
