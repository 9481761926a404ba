/// Random schemas, events made for them, and events damaged at random.
#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/base64.h"
#include "base/civil_time.h"
#include "base/random.h"
#include "codec/tests/decode_fixture.h"

namespace weir::codec {
namespace {

using Texts = std::vector<std::string>;

class Maker {
 public:
  explicit Maker(uint64_t seed) : random_(seed) {}

  uint64_t below(uint64_t bound) { return random_.next_u64() % bound; }
  bool chance(uint64_t percent) { return below(100) < percent; }

  TypePtr type(int depth) {
    const uint64_t kinds = depth > 0 ? 17 : 14;
    switch (static_cast<TypeKind>(below(kinds))) {
      case TypeKind::decimal: {
        const int precision = 1 + static_cast<int>(below(38));
        return Type::decimal(precision, static_cast<int>(below(static_cast<uint64_t>(precision) + 1)));
      }
      case TypeKind::fixed: return Type::fixed(1 + static_cast<int>(below(20)));
      case TypeKind::structure: return Type::structure(fields(depth - 1));
      case TypeKind::list:
        return Type::list({.id = 0, .name = "element", .required = chance(50), .type = type(depth - 1)});
      case TypeKind::map: {
        static constexpr TypeKind kKeys[] = {TypeKind::string, TypeKind::int32, TypeKind::int64, TypeKind::date};
        return Type::map({.id = 0, .name = "key", .required = true, .type = Type::primitive(kKeys[below(4)])},
                         {.id = 0, .name = "value", .required = chance(50), .type = type(depth - 1)});
      }
      default: {
        static constexpr TypeKind kPlain[] = {TypeKind::boolean, TypeKind::int32,     TypeKind::int64,
                                              TypeKind::float32, TypeKind::float64,   TypeKind::date,
                                              TypeKind::time,    TypeKind::timestamp, TypeKind::timestamptz,
                                              TypeKind::string,  TypeKind::uuid,      TypeKind::binary};
        return Type::primitive(kPlain[below(12)]);
      }
    }
  }

  std::vector<Field> fields(int depth) {
    std::vector<Field> all;
    const uint64_t count = 1 + below(8);
    for (uint64_t i = 0; i < count; ++i) {
      all.push_back({.id = 0,
                     .name = "f" + std::to_string(i) + std::string(below(30), 'x'),
                     .required = chance(40),
                     .type = type(depth)});
    }
    return all;
  }

  std::string blanks() {
    std::string text;
    while (chance(10)) text += " \t\r\n"[below(4)];
    return text;
  }

  /// Text of a random value of `type` and what a row must show for it.
  struct Value {
    std::string json;
    std::string shown;
  };

  Value value(const Field& field) {
    if (!field.required && chance(10)) return {"null", "null"};
    const Type& type = *field.type;
    switch (type.kind()) {
      case TypeKind::boolean: return chance(50) ? Value{"true", "true"} : Value{"false", "false"};
      case TypeKind::int32: return same(std::to_string(static_cast<int32_t>(random_.next_u64() >> below(64))));
      case TypeKind::int64: return same(std::to_string(static_cast<int64_t>(random_.next_u64() >> below(64))));
      case TypeKind::float32: return floating<float>();
      case TypeKind::float64: return floating<double>();
      case TypeKind::decimal: return decimal(type);
      case TypeKind::date: return quoted(date());
      case TypeKind::time: return quoted(format_time(static_cast<int64_t>(below(kMicrosPerDay))));
      case TypeKind::timestamp: return quoted(format_datetime(instant()));
      case TypeKind::timestamptz: return quoted(format_datetime(instant()) + "Z");
      case TypeKind::string: return string();
      case TypeKind::uuid: return quoted(Uuid::random(random_).to_string());
      case TypeKind::fixed: return bytes(static_cast<size_t>(type.width_bytes()));
      case TypeKind::binary: return bytes(below(40));
      case TypeKind::structure: return object(type.fields());
      case TypeKind::list: return list(type);
      case TypeKind::map: return map(type);
    }
    return {};
  }

  Value object(const std::vector<Field>& all) {
    Texts members;
    Value made{"", "{"};
    for (const Field& field : all) {
      if (made.shown.size() > 1) made.shown += ", ";
      Value inside{"", "null"};
      if (field.required || !chance(10)) {
        inside = value(field);
        members.push_back("\"" + field.name + "\"" + blanks() + ":" + blanks() + inside.json + blanks());
      }
      made.shown += field.name + ": " + inside.shown;
    }
    while (chance(20)) members.push_back("\"unknown" + std::to_string(members.size()) + "\":" + unknown(3));
    if (chance(30)) shuffle(members);
    made.json = "{" + blanks();
    for (size_t i = 0; i < members.size(); ++i) made.json += (i > 0 ? "," : "") + blanks() + members[i];
    made.json += "}";
    made.shown += "}";
    return made;
  }

  /// Damages `text` in one to three places.
  std::string damaged(std::string text) {
    for (uint64_t times = 1 + below(3); times > 0 && !text.empty(); --times) {
      const size_t at = below(text.size());
      static constexpr std::string_view kTelling = "\"\\{}[],:0-+.eE \n\0tfnul\x80\xff\xc3u/";
      switch (below(6)) {
        case 0: text[at] = static_cast<char>(below(256)); break;
        case 1: text[at] = kTelling[below(kTelling.size())]; break;
        case 2: text.erase(at, 1 + below(4)); break;
        case 3: text.insert(at, 1, kTelling[below(kTelling.size())]); break;
        case 4: text.insert(at, text.substr(below(text.size()), below(20))); break;
        default: text.resize(at); break;
      }
    }
    return text;
  }

 private:
  void shuffle(Texts& texts) {
    for (size_t i = texts.size(); i > 1; --i) std::swap(texts[i - 1], texts[below(i)]);
  }
  static Value same(std::string text) { return {text, text}; }
  static Value quoted(const std::string& text) { return {"\"" + text + "\"", text}; }
  std::string date() { return format_date(static_cast<int32_t>(below(3'652'059)) - 719'528); }
  int64_t instant() {
    const auto days = static_cast<int64_t>(below(3'652'059)) - 719'528;
    int64_t of_day = static_cast<int64_t>(below(kMicrosPerDay));
    if (chance(50)) of_day -= of_day % kMicrosPerSecond;
    return days * kMicrosPerDay + of_day;
  }
  template <typename T>
  Value floating() {
    T value;
    do {
      const uint64_t bits = random_.next_u64();
      if (chance(50)) {
        value = static_cast<T>(static_cast<int64_t>(bits) >> below(60)) / 100;
      } else {
        std::memcpy(&value, &bits, sizeof value);
      }
    } while (!(value - value == 0));
    char text[400];
    char plain[400];
    const auto end = std::to_chars(text, text + sizeof text, value);
    const auto plain_end = chance(50) ? std::to_chars(plain, plain + sizeof plain, value, std::chars_format::scientific)
                                      : std::to_chars(plain, plain + sizeof plain, value);
    return {std::string(plain, plain_end.ptr), std::string(text, end.ptr)};
  }
  Value decimal(const Type& type) {
    Int128 unscaled = 0;
    for (int digits = static_cast<int>(below(static_cast<uint64_t>(type.precision()) + 1)); digits > 0; --digits)
      unscaled = unscaled * 10 + static_cast<int>(below(10));
    if (chance(50)) unscaled = -unscaled;
    const std::string text = format_decimal(unscaled, type.scale());
    return {chance(20) ? "\"" + text + "\"" : text, text};
  }
  Value string() {
    static const Value kPieces[] = {{"a", "a"},
                                    {"\\n", "\n"},
                                    {"\\\"", "\""},
                                    {"\xc3\xa9", "\xc3\xa9"},
                                    {"\\u00e9", "\xc3\xa9"},
                                    {"\\ud83d\\ude00", "\xf0\x9f\x98\x80"},
                                    {"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"},
                                    {"\\\\", "\\"},
                                    {"{}[],:", "{}[],:"},
                                    {"  ", "  "},
                                    {"some words of text", "some words of text"}};
    Value made{"\"", "'"};
    while (!chance(15)) {
      const Value& piece = kPieces[chance(70) ? 0 : below(std::size(kPieces))];
      made.json += piece.json;
      made.shown += piece.shown;
    }
    return {made.json + "\"", made.shown + "'"};
  }
  Value bytes(size_t size) {
    std::string raw;
    for (size_t i = 0; i < size; ++i) raw += static_cast<char>(below(256));
    return {"\"" + base64_encode(raw) + "\"", hex_encode(raw)};
  }
  Value list(const Type& type) {
    Value made{"[", "["};
    for (uint64_t count = below(4); count > 0; --count) {
      const Value inside = value(type.element());
      made.json += blanks() + inside.json + blanks() + (count > 1 ? "," : "");
      made.shown += inside.shown + (count > 1 ? ", " : "");
    }
    return {made.json + "]", made.shown + "]"};
  }
  Value map(const Type& type) {
    Value made{"{", "{"};
    const uint64_t count = below(4);
    for (uint64_t i = 0; i < count; ++i) {
      const Value key = map_key(type.key().type->kind(), i);
      const Value inside = value(type.value());
      made.json += (i > 0 ? "," : "") + blanks() + key.json + ":" + inside.json + blanks();
      made.shown += (i > 0 ? ", " : "") + key.shown + " -> " + inside.shown;
    }
    return {made.json + "}", made.shown + "}"};
  }
  Value map_key(TypeKind kind, uint64_t i) {
    if (kind == TypeKind::string) return {"\"key" + std::to_string(i) + "\"", "'key" + std::to_string(i) + "'"};
    if (kind == TypeKind::date) return quoted(format_date(static_cast<int32_t>(i * 1000 + below(1000))));
    return quoted(std::to_string(static_cast<int64_t>(i * 1000 + below(1000)) - 1500));
  }
  std::string unknown(int depth) {
    switch (below(depth > 0 ? 7 : 5)) {
      case 0: return "null";
      case 1: return chance(50) ? "true" : "false";
      case 2: return floating<double>().json;
      case 3: return string().json;
      case 4: return std::to_string(random_.next_u64());
      case 5: return "[" + unknown(depth - 1) + "," + unknown(depth - 1) + "]";
      default: return "{\"a\":" + unknown(depth - 1) + blanks() + ",\"b\" :" + unknown(depth - 1) + "}";
    }
  }

  SeededRandom random_;
};

std::string as_row(const std::vector<Field>& fields, const Batch& batch, int64_t row) {
  std::string text = "{";
  for (size_t c = 0; c < fields.size(); ++c)
    text += (c > 0 ? ", " : "") + fields[c].name + ": " + show(batch.column(c), row);
  return text + "}";
}

TEST(JsonProperty, EventsMadeForASchemaDecodeToTheValuesTheyWereMadeFrom) {
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    Maker make(seed);
    DecoderSpec spec{.schema = schema_of(make.fields(3))};
    Texts events;
    Texts expected;
    for (int i = 0; i < 40; ++i) {
      const Maker::Value made = make.object(spec.schema->fields());
      events.push_back(make.blanks() + made.json + make.blanks());
      expected.push_back(made.shown);
    }
    const Outcome outcome = decode_json(spec, events);
    for (auto reject = outcome.decoded.rejects.rbegin(); reject != outcome.decoded.rejects.rend(); ++reject) {
      ASSERT_EQ(reject->reject_class, RejectClass::no_known_field) << "seed " << seed << " " << reject->message;
      expected.erase(expected.begin() + reject->raw_index);
      events.erase(events.begin() + reject->raw_index);
    }
    for (size_t i = 0; i < expected.size(); ++i)
      ASSERT_EQ(as_row(spec.schema->fields(), outcome.decoded.batch, static_cast<int64_t>(i)), expected[i])
          << "seed " << seed << " " << events[i];
  }
}

TEST(JsonProperty, DamagedEventsAreRowsOrRejectsAndBothReadersAgree) {
  size_t rows = 0;
  size_t rejects = 0;
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    Maker make(seed + 1000);
    DecoderSpec spec{.schema = schema_of(make.fields(2))};
    Texts events;
    for (int i = 0; i < 200; ++i) events.push_back(make.damaged(make.object(spec.schema->fields()).json));
    const Outcome outcome = decode_json(spec, events);
    if (testing::Test::HasFailure()) FAIL() << "seed " << seed;
    rows += outcome.rows.size();
    rejects += outcome.rejects.size();
  }
  EXPECT_EQ(rows + rejects, 20'000U);
  EXPECT_GT(rows, 1'000U);
  EXPECT_GT(rejects, 10'000U);
}

TEST(JsonProperty, ARandomDepthLimitIsTheSameForBothReaders) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    Maker make(seed + 5000);
    DecoderSpec spec{.schema = schema_of(make.fields(3))};
    spec.limits.depth = 1 + static_cast<int>(make.below(4));
    spec.limits.fields_per_object = 1 + make.below(9);
    Texts events;
    for (int i = 0; i < 50; ++i) events.push_back(make.object(spec.schema->fields()).json);
    decode_json(spec, events);
    if (testing::Test::HasFailure()) FAIL() << "seed " << seed;
  }
}

}  // namespace
}  // namespace weir::codec
