#include "codec/bench/events.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>

#include "base/civil_time.h"
#include "base/random.h"

namespace weir::codec::bench {
namespace {

constexpr std::array kCountries = {"US", "DE", "FR", "GB", "IN", "BR", "JP", "MX",
                                   "CA", "ES", "IT", "NL", "PL", "TR", "KR", "AU"};
constexpr std::array kDevices = {"mobile", "desktop", "tablet", "tv"};
constexpr std::array kCurrencies = {"USD", "EUR", "GBP", "JPY"};
constexpr int64_t kBase = 1'795'154'400'000;  // 2026-11-20T06:00:00Z in milliseconds

using Members = std::vector<std::string>;

class Writer {
 public:
  Writer(uint64_t seed, KeyOrder order) : random_(seed), order_(order) {}

  uint64_t below(uint64_t bound) { return random_.next_u64() % bound; }
  std::string decimal(int64_t value, int digits) {
    char text[40];
    double scaled = static_cast<double>(value);
    for (int i = 0; i < digits; ++i) scaled /= 10;
    std::snprintf(text, sizeof text, "%.*g", 9, scaled);
    return text;
  }
  std::string timestamp(int64_t ms) {
    std::string text = format_datetime(ms * 1000);
    if (ms % 1000 == 0) return text + ".000Z";
    return text.substr(0, 23) + "Z";
  }
  std::string uuid() { return Uuid::random(random_).to_string(); }
  std::string letters(size_t size) {
    std::string text;
    for (size_t i = 0; i < size; ++i) text.push_back("abcdefghijklmnopqrstuvwxyz0123456789"[below(36)]);
    return text;
  }

  std::string object(Members members) {
    if (order_ == KeyOrder::shuffled) {
      for (size_t i = members.size(); i > 1; --i) std::swap(members[i - 1], members[below(i)]);
    }
    std::string text = "{";
    for (const std::string& member : members) {
      if (text.size() > 1) text += ',';
      text += member;
    }
    return text + "}";
  }

 private:
  SeededRandom random_;
  KeyOrder order_;
};

std::string text_member(const char* name, const std::string& value) {
  return "\"" + std::string(name) + "\":\"" + value + "\"";
}
std::string plain_member(const char* name, const std::string& value) {
  return "\"" + std::string(name) + "\":" + value;
}

Field column(const char* name, TypeKind kind) {
  return {.id = 0, .name = name, .required = true, .type = Type::primitive(kind)};
}

}  // namespace

Workload ad_events(size_t count, KeyOrder order) {
  Workload work;
  std::vector<Field> geo = {column("lat", TypeKind::float64), column("lon", TypeKind::float64)};
  const std::vector<Field> fields = {
      column("event_id", TypeKind::string),
      column("ts", TypeKind::timestamptz),
      column("user_id", TypeKind::int64),
      column("campaign_id", TypeKind::int32),
      column("ad_id", TypeKind::int32),
      column("country", TypeKind::string),
      column("device", TypeKind::string),
      column("event_type", TypeKind::string),
      column("price", TypeKind::float64),
      column("currency", TypeKind::string),
      column("url", TypeKind::string),
      {.id = 0, .name = "geo", .required = true, .type = Type::structure(std::move(geo))}};
  work.spec.schema = std::make_shared<const Schema>(assign_ids(fields));
  Writer out(42, order);
  for (size_t i = 0; i < count; ++i) {
    const std::string ad = std::to_string(out.below(20'000));
    const uint64_t kind = out.below(12);
    work.events.push_back(out.object(
        {text_member("event_id", out.uuid()),
         text_member("ts", out.timestamp(kBase + static_cast<int64_t>(i) - static_cast<int64_t>(out.below(3000)))),
         plain_member("user_id", std::to_string(1'000'000 + out.below(5'000'000))),
         plain_member("campaign_id", std::to_string(out.below(1000))), plain_member("ad_id", ad),
         text_member("country", kCountries[out.below(16)]), text_member("device", kDevices[out.below(4)]),
         text_member("event_type", kind < 8    ? "impression"
                                   : kind < 11 ? "click"
                                               : "conversion"),
         plain_member("price", out.decimal(static_cast<int64_t>(out.below(50'000)), 4)),
         text_member("currency", kCurrencies[out.below(4)]), text_member("url", "https://ads.example.com/p/" + ad),
         "\"geo\":{\"lat\":" + out.decimal(static_cast<int64_t>(out.below(18'000)) - 9000, 2) +
             ",\"lon\":" + out.decimal(static_cast<int64_t>(out.below(36'000)) - 18'000, 2) + "}"}));
  }
  return work;
}

Workload click_events(size_t count, KeyOrder order) {
  Workload work;
  const std::vector<Field> fields = {column("event_id", TypeKind::string),   column("ts", TypeKind::timestamptz),
                                     column("user_id", TypeKind::int64),     column("session_id", TypeKind::string),
                                     column("event_type", TypeKind::string), column("page", TypeKind::string),
                                     column("referrer", TypeKind::string),   column("device", TypeKind::string),
                                     column("country", TypeKind::string),    column("price", TypeKind::float64),
                                     column("qty", TypeKind::int32),         column("ok", TypeKind::boolean)};
  work.spec.schema = std::make_shared<const Schema>(assign_ids(fields));
  work.spec.formats.resize(fields.size());
  work.spec.formats[1].timestamp = TimestampFormat::epoch_millis;
  static constexpr std::array kTypes = {"view", "click", "cart", "buy", "search"};
  static constexpr std::array kReferrers = {"google", "bing", "direct", "newsletter", "partner"};
  Writer out(7, order);
  for (size_t i = 0; i < count; ++i) {
    work.events.push_back(out.object(
        {text_member("event_id", out.letters(20)), plain_member("ts", std::to_string(kBase + static_cast<int64_t>(i))),
         plain_member("user_id", std::to_string(out.below(10'000'000))), text_member("session_id", out.letters(16)),
         text_member("event_type", kTypes[out.below(5)]),
         text_member("page", "/category/item-" + std::to_string(out.below(50'000))),
         text_member("referrer", kReferrers[out.below(5)]), text_member("device", kDevices[out.below(3)]),
         text_member("country", kCountries[out.below(12)]),
         plain_member("price", out.decimal(static_cast<int64_t>(out.below(100'000)), 2)),
         plain_member("qty", std::to_string(out.below(9) + 1)),
         plain_member("ok", out.below(2) == 0 ? "true" : "false")}));
  }
  return work;
}

Workload spaced(Workload work) {
  for (std::string& event : work.events) {
    std::string text;
    for (size_t i = 0; i < event.size(); ++i) {
      text += event[i];
      if ((event[i] == ':' && event[i - 1] == '"') || (event[i] == ',' && event[i + 1] == '"')) text += ' ';
    }
    event = text;
  }
  return work;
}

Workload sparse_events(size_t count) {
  Workload work = click_events(0, KeyOrder::fixed);
  std::vector<Field> fields = work.spec.schema->fields();
  for (size_t i = 2; i < fields.size(); ++i) fields[i].required = false;
  work.spec.schema = std::make_shared<const Schema>(fields);
  Writer out(11, KeyOrder::fixed);
  for (size_t i = 0; i < count; ++i) {
    Members members = {text_member("event_id", out.letters(20)),
                       plain_member("ts", std::to_string(kBase + static_cast<int64_t>(i)))};
    const auto maybe = [&](std::string member) {
      if (out.below(2) == 0) members.push_back(std::move(member));
    };
    maybe(plain_member("user_id", std::to_string(out.below(10'000'000))));
    maybe(text_member("session_id", out.letters(16)));
    maybe(text_member("event_type", "click"));
    maybe(text_member("page", "/category/item-" + std::to_string(out.below(50'000))));
    maybe(text_member("referrer", "google"));
    maybe(text_member("device", kDevices[out.below(3)]));
    maybe(text_member("country", kCountries[out.below(12)]));
    maybe(plain_member("price", out.decimal(static_cast<int64_t>(out.below(100'000)), 2)));
    maybe(plain_member("qty", std::to_string(out.below(9) + 1)));
    maybe(plain_member("ok", "true"));
    work.events.push_back(out.object(members));
  }
  return work;
}

Workload github_events(const std::string& path) {
  Workload work;
  const auto named = [](const char* name, TypeKind kind) {
    return Field{.id = 0, .name = name, .required = false, .type = Type::primitive(kind)};
  };
  const TypePtr actor =
      Type::structure({named("id", TypeKind::int64), named("login", TypeKind::string), named("url", TypeKind::string)});
  const TypePtr repo =
      Type::structure({named("id", TypeKind::int64), named("name", TypeKind::string), named("url", TypeKind::string)});
  const std::vector<Field> fields = {named("id", TypeKind::string),
                                     named("type", TypeKind::string),
                                     {.id = 0, .name = "actor", .required = false, .type = actor},
                                     {.id = 0, .name = "repo", .required = false, .type = repo},
                                     named("public", TypeKind::boolean),
                                     named("created_at", TypeKind::timestamptz)};
  work.spec.schema = std::make_shared<const Schema>(assign_ids(fields));
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) work.events.push_back(std::move(line));
  return work;
}

Workload ad_records(size_t count) {
  Workload work = ad_events(0, KeyOrder::fixed);
  std::vector<Field> fields = work.spec.schema->fields();
  fields.pop_back();
  std::string header;
  for (const Field& field : fields) header += (header.empty() ? "" : ",") + field.name;
  work.spec.schema = std::make_shared<const Schema>(std::move(fields));
  work.events.push_back(header);
  Writer out(42, KeyOrder::fixed);
  for (size_t i = 0; i < count; ++i) {
    const std::string ad = std::to_string(out.below(20'000));
    work.events.push_back(out.uuid() + "," + out.timestamp(kBase + static_cast<int64_t>(i)) + "," +
                          std::to_string(1'000'000 + out.below(5'000'000)) + "," + std::to_string(out.below(1000)) +
                          "," + ad + "," + kCountries[out.below(16)] + "," + kDevices[out.below(4)] + ",impression," +
                          out.decimal(static_cast<int64_t>(out.below(50'000)), 4) + "," + kCurrencies[out.below(4)] +
                          ",\"https://ads.example.com/p/" + ad + "\"");
  }
  return work;
}

std::shared_ptr<const RawBatch> to_raw_batch(const std::vector<std::string>& events, size_t from, size_t count) {
  RawBatchBuilder builder;
  const size_t end = std::min(events.size(), from + count);
  for (size_t i = from; i < end; ++i) builder.add(events[i], {.offset = static_cast<int64_t>(i)});
  return builder.finish();
}

}  // namespace weir::codec::bench
