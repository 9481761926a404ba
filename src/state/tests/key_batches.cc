#include "state/tests/key_batches.h"

#include "base/check.h"

namespace weir::state {

Batch rows_of(const std::vector<std::string>& texts, const std::vector<int64_t>& numbers) {
  BytesBuilder text(Type::primitive(TypeKind::string));
  FixedBuilder<int64_t> number(Type::primitive(TypeKind::int64));
  for (const std::string& value : texts) text.append(value);
  for (const int64_t value : numbers) number.append(value);
  auto schema = std::make_shared<const Schema>(
      std::vector<Field>{{.id = 1, .name = "k", .type = Type::primitive(TypeKind::string)},
                         {.id = 2, .name = "n", .type = Type::primitive(TypeKind::int64)}});
  return Batch(schema, {text.finish(), number.finish()}, static_cast<int64_t>(texts.size()), nullptr);
}

KeyBatch keys_of(const std::vector<std::string>& texts) {
  const Batch batch = rows_of(texts, std::vector<int64_t>(texts.size()));
  const Result<KeyLayout> layout = KeyLayout::bind(*batch.schema(), {0});
  KeyBatch keys;
  WEIR_CHECK(layout.ok() && layout->encode(batch, keys).ok());
  return keys;
}

}  // namespace weir::state
