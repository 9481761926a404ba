/// \file
/// JSON decoding: the decoder against the On-Demand reader alone, and acceptance against nlohmann::json.
///
/// Input: one byte that chooses a schema, then events separated by byte 0x1e.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "codec/decoder.h"
#include "codec/json/json_reader_internal.h"
#include "codec/json/unknown_fields_internal.h"
#include "codec/row_columns_internal.h"
#include "codec/utf8.h"

namespace {

using weir::Field;
using weir::Type;
using weir::TypeKind;
using weir::TypePtr;

constexpr char kSeparator = '\x1e';
constexpr size_t kSchemas = 5;

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "json_fuzz: %s\n", what.c_str());
  std::abort();
}

Field field(std::string name, TypePtr type, bool required = false) {
  return {.id = 0, .name = std::move(name), .required = required, .type = std::move(type)};
}

weir::codec::DecoderSpec make_spec(size_t which) {
  const auto plain = [](TypeKind kind) { return Type::primitive(kind); };
  std::vector<Field> fields;
  weir::codec::DecoderSpec spec;
  switch (which) {
    case 0:  // everything goes through a raw_json column or is kept as unknown
      fields = {field("v", plain(TypeKind::string)), field("rest", plain(TypeKind::string))};
      spec.formats.resize(2);
      spec.formats[0].raw_json = true;
      spec.formats[1].raw_json = true;
      spec.formats[1].origin = weir::ColumnOrigin::unknown;
      break;
    case 1:
      fields = {field("a", plain(TypeKind::int64), true), field("b", plain(TypeKind::string)),
                field("c", plain(TypeKind::float64)),     field("d", Type::decimal(20, 4)),
                field("e", plain(TypeKind::timestamptz)), field("f", plain(TypeKind::boolean)),
                field("g", plain(TypeKind::int32)),       field("h", plain(TypeKind::float32)),
                field("i", plain(TypeKind::date)),        field("j", plain(TypeKind::time)),
                field("k", plain(TypeKind::timestamp)),   field("l", plain(TypeKind::uuid)),
                field("m", plain(TypeKind::binary)),      field("n", Type::fixed(3))};
      spec.formats.resize(fields.size());
      spec.formats[10].timestamp = weir::TimestampFormat::epoch_millis;
      spec.formats[6].default_json = "7";
      spec.formats[12].binary = weir::BinaryFormat::hex;
      break;
    case 2: {
      const TypePtr inner = Type::structure(
          {field("x", plain(TypeKind::int64), true), field("y", Type::list(field("", plain(TypeKind::string), true)))});
      fields = {field("s", inner), field("l", Type::list(field("", inner))),
                field("m", Type::map(field("", plain(TypeKind::string)), field("", inner))),
                field("n", Type::map(field("", plain(TypeKind::int32)), field("", plain(TypeKind::boolean))))};
      break;
    }
    case 3:
      fields = {field("x", plain(TypeKind::int64)), field("y", plain(TypeKind::string), true),
                field("z", plain(TypeKind::string)), field("s", Type::structure({field("a", plain(TypeKind::int64))}))};
      spec.formats.resize(4);
      spec.formats[0].path = {{.name = "o"}, {.name = "a"}};
      spec.formats[1].path = {{.name = "o"}, {.name = "l"}, {.index = 0}, {.name = "b"}};
      spec.formats[2].path = {{.name = "o"}, {.name = "l"}, {.index = 2}};
      spec.formats[2].raw_json = true;
      spec.unknown_fields = weir::UnknownFields::reject;
      break;
    default:
      fields = {field("t", plain(TypeKind::timestamptz), true),
                field("long_name_of_a_column_that_cannot_be_predicted", plain(TypeKind::string))};
      spec.formats.resize(2);
      spec.formats[0].timestamp = weir::TimestampFormat::epoch_seconds;
      spec.limits.depth = 3;
      spec.limits.fields_per_object = 5;
  }
  spec.schema = std::make_shared<const weir::Schema>(weir::assign_ids(fields));
  return spec;
}

/// What nlohmann::json thinks of a text, as far as it can be compared with us.
class Judge : public nlohmann::json_sax<nlohmann::json> {
 public:
  bool incomparable = false;
  bool duplicate = false;
  int depth_max = 0;

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override {
    keys_.emplace_back();
    return enter();
  }
  bool key(string_t& name) override {
    duplicate = duplicate || !keys_.back().insert(name).second;
    return true;
  }
  bool end_object() override {
    keys_.pop_back();
    --depth_;
    return true;
  }
  bool start_array(std::size_t) override { return enter(); }
  bool end_array() override {
    --depth_;
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& error) override {
    incomparable = error.id == 406;  // a number that does not fit a double
    return false;
  }

 private:
  bool enter() {
    depth_max = std::max(depth_max, ++depth_);
    return true;
  }
  int depth_ = 0;
  std::vector<std::set<std::string>> keys_;
};

bool is_object(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && text[first] == '{';
}

void check_acceptance(std::string_view text, bool accepted) {
  if (text.find('\0') != std::string_view::npos || text.starts_with("\xef"))
    return;  // it stops at NUL and skips a byte order mark
  Judge judge;
  const bool valid = nlohmann::json::sax_parse(text.begin(), text.end(), &judge);
  if (judge.incomparable || judge.depth_max > 64) return;
  const bool expected = valid && !judge.duplicate && is_object(text);
  if (expected != accepted)
    fail(std::string(accepted ? "accepted" : "rejected") + ", unlike nlohmann: " + std::string(text));
}

bool same(const weir::Buffer& a, const weir::Buffer& b) {
  return a.size() == b.size() && std::equal(a.data(), a.data() + a.size(), b.data());
}

bool same(const weir::Column& a, const weir::Column& b) {
  if (a.length != b.length || a.null_count != b.null_count || !same(a.validity, b.validity) ||
      !same(a.values, b.values) || !same(a.offsets, b.offsets))
    return false;
  for (size_t i = 0; i < a.children.size(); ++i) {
    if (!same(*a.children[i], *b.children[i])) return false;
  }
  return true;
}

void compare(const weir::codec::Decoded& ours, const weir::codec::Decoded& reference) {
  if (ours.batch.origins()->raw_index != reference.batch.origins()->raw_index)
    fail("the readers accept different events");
  for (size_t c = 0; c < ours.batch.columns().size(); ++c) {
    if (!same(ours.batch.column(c), reference.batch.column(c)))
      fail("the readers make different values of column " + ours.batch.schema()->field(c).name);
  }
  if (ours.rejects.size() != reference.rejects.size()) fail("the readers reject different events");
  for (size_t i = 0; i < ours.rejects.size(); ++i) {
    const weir::Reject& a = ours.rejects[i];
    const weir::Reject& b = reference.rejects[i];
    if (a.reject_class != b.reject_class || a.column != b.column || a.message != b.message)
      fail("the readers give different reasons: " + a.message + " | " + b.message);
    if (a.message.size() > weir::kRejectMessageBytesMax || !weir::codec::is_utf8(a.message))
      fail("a message is too long or no text");
  }
}

struct Subject {
  bool tells_apart = true;  ///< until more names were met than a tally tells apart: then it matters which came first
  weir::codec::DecoderSpec spec;
  std::unique_ptr<weir::codec::Decoder> decoder;  ///< kept from input to input, so that what it learns is tried too
  std::unique_ptr<weir::codec::RowColumns> columns;
  std::unique_ptr<weir::codec::UnknownTally> unknown;
  std::unique_ptr<weir::codec::JsonReader> reader;
};

Subject& subject(size_t which) {
  static std::vector<Subject> all = [] {
    std::vector<Subject> made(kSchemas);
    for (size_t i = 0; i < kSchemas; ++i) {
      made[i].spec = make_spec(i);
      made[i].decoder = weir::codec::make_json_decoder(made[i].spec).value();
      made[i].columns = weir::codec::RowColumns::make(made[i].spec).value();
      made[i].unknown = std::make_unique<weir::codec::UnknownTally>(made[i].spec.unknown_fields);
      made[i].reader = std::make_unique<weir::codec::JsonReader>(made[i].spec.limits, made[i].unknown.get());
    }
    return made;
  }();
  return all[which];
}

void compare_counts(Subject& tested, const weir::codec::UnknownCounts& ours,
                    const weir::codec::UnknownCounts& reference) {
  const auto total = [](const weir::codec::UnknownCounts& counts) {
    int64_t events = 0;
    for (const auto& [name, count] : counts) events += count;
    return events;
  };
  const std::string other(weir::codec::kOtherUnknownFields);
  if (ours.contains(other) || reference.contains(other)) tested.tells_apart = false;
  if (tested.tells_apart ? ours != reference : total(ours) != total(reference)) fail("the readers count differently");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const size_t which = data[0] % kSchemas;
  Subject& tested = subject(which);
  std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  weir::RawBatchBuilder builder;
  while (true) {
    const size_t end = rest.find(kSeparator);
    builder.add(rest.substr(0, end), {.offset = static_cast<int64_t>(builder.size())});
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  const auto raw = builder.finish();
  const auto ours = tested.decoder->decode(raw);
  const auto reference = tested.columns->decode(raw, tested.spec.limits.event_bytes,
                                                [&](std::string_view event, weir::codec::RowFailure& failure) {
                                                  return tested.reader->read(event, tested.columns->root(), failure);
                                                });
  if (!ours.ok() || !reference.ok()) fail("decode failed");
  compare_counts(tested, tested.decoder->take_unknown_counts(), tested.unknown->take_counts());
  if (ours->batch.origins()->raw_index.size() + ours->rejects.size() != raw->size())
    fail("rows and rejects do not add up");
  compare(*ours, *reference);
  if (which != 0) return 0;
  std::vector<bool> accepted(raw->size());
  for (const uint32_t i : ours->batch.origins()->raw_index) accepted[i] = true;
  for (size_t i = 0; i < raw->size(); ++i) {
    if (raw->bytes(i).size() <= tested.spec.limits.event_bytes) check_acceptance(raw->bytes(i), accepted[i]);
  }
  return 0;
}
