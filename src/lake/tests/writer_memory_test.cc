/// What the table writer really holds, by the allocator's own account, against its budget and against what it says.
#include <malloc.h>

#include "base/random.h"
#include "lake/tests/lake_fixture.h"
#include "lake/tests/nowhere_store.h"

namespace weir::lake {
namespace {

constexpr int64_t kMiB = int64_t{1024} * 1024;

// A sanitizer's allocator keeps another account, so that nothing is measured there; what is done is looked at all the
// same, for a tenth of the rows.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kIsMeasured = false;
#else
constexpr bool kIsMeasured = true;
#endif

constexpr int64_t some(int64_t rows) {
  return kIsMeasured ? rows : rows / 10;
}

int64_t allocated_bytes() {
  const struct mallinfo2 info = ::mallinfo2();
  return static_cast<int64_t>(info.uordblks + info.hblkhd);
}

class WriterMemory : public LakeTest {
 protected:
  LoadedTable table(const std::vector<Field>& fields, bool is_partitioned) {
    TableDefinition definition = LakeTest::definition("ops.memory" + std::to_string(++tables_));
    definition.schema = std::make_shared<const Schema>(assign_ids(fields));
    if (is_partitioned)
      definition.spec.fields.push_back(
          {.source_id = 1, .field_id = 1000, .name = "part", .transform = *iceberg::Transform::parse("identity")});
    return catalog_->create(definition).value();
  }

  /// Starts to write. `budget` in bytes.
  void open(const LoadedTable& table, int64_t budget) {
    budget_ = budget;
    writer_ = TableWriter::make(nowhere_, *table.metadata, {.file_prefix = "w", .memory_bytes_max = budget}).value();
    start_ = allocated_bytes();
  }
  /// Writes a batch that `make` makes; what it holds itself does not count.
  template <typename Make>
  void write(Make make) {
    const int64_t before = allocated_bytes();
    batch_bytes_ = 0;
    Batch batch = make();
    batch_bytes_ = allocated_bytes() - before;
    ASSERT_TRUE(writer_->write(batch).ok());
    EXPECT_LE(writer_->memory_bytes(), budget_);
    batch = {};
    batch_bytes_ = 0;
    measure();
    if (!kIsMeasured) return;
    // What it says is what it holds.
    EXPECT_GE(writer_->memory_bytes() * 11 / 10 + kMiB, held_now_) << writer_->memory_bytes();
  }
  int64_t close() {
    const auto files = files_of(writer_->close_files().value());
    EXPECT_EQ(writer_->memory_bytes(), 0);
    if (kIsMeasured) {
      EXPECT_LE(held_max_, budget_ * 11 / 10) << "budget " << budget_;
    }
    RecordProperty("held_max", std::to_string(held_max_));
    return static_cast<int64_t>(files.size());
  }

  /// The account costs more the more is freed, so that it is not asked for at every call.
  int64_t calls_between_ = 32;

 private:
  void measure() {
    held_now_ = allocated_bytes() - start_ - batch_bytes_;
    held_max_ = std::max(held_max_, held_now_);
  }

  int tables_ = 0;
  int64_t budget_ = 0;
  int64_t start_ = 0;
  int64_t batch_bytes_ = 0;
  int64_t held_now_ = 0;
  int64_t held_max_ = 0;
  int64_t calls_ = 0;
  NowhereStore nowhere_{[this] {
    if (++calls_ % calls_between_ == 0) measure();
  }};
  std::unique_ptr<TableWriter> writer_;
};

Field column(const std::string& name, TypeKind kind) {
  return {.name = name, .type = Type::primitive(kind)};
}

/// Rows of numbers and of texts that no encoding makes smaller.
Batch random_rows(const SchemaPtr& schema, int64_t first, int64_t rows, size_t text_bytes, SeededRandom& random) {
  std::vector<ColumnPtr> columns;
  for (const Field& field : schema->fields()) {
    if (field.type->kind() == TypeKind::string) {
      BytesBuilder builder(field.type);
      for (int64_t i = 0; i < rows; ++i) {
        std::string text;
        while (text.size() < text_bytes) text += std::to_string(random.next_u64());
        builder.append(text.substr(0, text_bytes));
      }
      columns.push_back(builder.finish());
    } else {
      FixedBuilder<int64_t> builder(field.type);
      for (int64_t i = 0; i < rows; ++i)
        builder.append(columns.empty() ? first + i : static_cast<int64_t>(random.next_u64()));
      columns.push_back(builder.finish());
    }
  }
  return Batch(schema, std::move(columns), rows, nullptr);
}

TEST_F(WriterMemory, AnUnpartitionedTableStaysWithinTheBudgetInOneFile) {
  const auto loaded = table({column("id", TypeKind::int64), column("text", TypeKind::string)}, false);
  const SchemaPtr schema = loaded.metadata->current_schema().schema;
  SeededRandom random(1);
  open(loaded, 6 * kMiB);
  for (int64_t at = 0; at < some(400'000); at += 4'000)
    write([&] { return random_rows(schema, at, 4'000, 40, random); });
  EXPECT_EQ(close(), 1);
}

TEST_F(WriterMemory, SmallBatchesWaitWithinTheBudget) {
  const auto loaded = table({column("id", TypeKind::int64), column("text", TypeKind::string)}, false);
  const SchemaPtr schema = loaded.metadata->current_schema().schema;
  SeededRandom random(2);
  open(loaded, 6 * kMiB);
  for (int64_t at = 0; at < some(60'000); at += 20) write([&] { return random_rows(schema, at, 20, 40, random); });
  EXPECT_EQ(close(), 1);
}

TEST_F(WriterMemory, ThousandsOfColumnsStayWithinTheBudget) {
  std::vector<Field> fields;
  for (int i = 0; i < 5'000; ++i)
    fields.push_back(column("c" + std::to_string(i), i % 2 == 0 ? TypeKind::int64 : TypeKind::string));
  const auto loaded = table(fields, false);
  const SchemaPtr schema = loaded.metadata->current_schema().schema;
  SeededRandom random(5);
  open(loaded, 64 * kMiB);
  for (int64_t at = 0; at < some(4'000); at += 50) write([&] { return random_rows(schema, at, 50, 8, random); });
  EXPECT_LE(close(), 3);
}

TEST_F(WriterMemory, PartitionsOfOneRowStayWithinTheBudget) {
  std::vector<Field> fields = {column("id", TypeKind::int64)};
  for (int i = 0; i < 11; ++i)
    fields.push_back(column("c" + std::to_string(i), i % 2 == 0 ? TypeKind::string : TypeKind::int64));
  const auto loaded = table(fields, true);
  const SchemaPtr schema = loaded.metadata->current_schema().schema;
  SeededRandom random(3);
  calls_between_ = 5'000;
  open(loaded, 16 * kMiB);
  for (int64_t at = 0; at < some(50'000); at += 1'000)
    write([&] { return random_rows(schema, at, 1'000, 12, random); });
  EXPECT_EQ(close(), some(50'000));
}

TEST_F(WriterMemory, LargeValuesStayWithinTheBudget) {
  const auto loaded = table({column("id", TypeKind::int64), column("text", TypeKind::string)}, false);
  const SchemaPtr schema = loaded.metadata->current_schema().schema;
  SeededRandom random(5);
  open(loaded, 32 * kMiB);
  for (int64_t at = 0; at < some(600); at += 50) write([&] { return random_rows(schema, at, 50, 900'000, random); });
  EXPECT_EQ(close(), 1);
}

}  // namespace
}  // namespace weir::lake
