#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include "base/civil_time.h"
#include "expression/expression.h"
#include "operator/aggregate_internal.h"
#include "operator/aggregate_text_internal.h"
#include "operator/event_clock_internal.h"
#include "operator/event_column_internal.h"
#include "operator/failed_rows_internal.h"
#include "operator/stateful_operators.h"
#include "state/key_layout.h"
#include "state/tables.h"

namespace weir::operators {
namespace {

constexpr size_t kRowsAtOnce = 8'192;
constexpr int kNoColumn = -1;

/// An aggregate in its place: which columns of the projection it reads and where its state lies.
struct PlacedAggregate {
  std::unique_ptr<Aggregate> aggregate;
  int argument = kNoColumn;
  int condition = kNoColumn;
  size_t offset = 0;
};

/// What is the same for all tasks.
struct WindowPlan {
  std::string name;
  std::unique_ptr<expression::Projection> projection;  ///< time, keys, then arguments and conditions
  state::KeyLayout keys;
  size_t key_count = 0;  ///< of `by`; without any, the key is a constant
  std::vector<PlacedAggregate> aggregates;
  int64_t size_us = 0;
  int64_t lateness_us = 0;
  std::vector<state::StateTableSpec> tables;
  SchemaPtr output;
  SchemaPtr late;
};

/// Tumbling windows. A window is emitted once, when event time has passed its end by the allowed lateness; rows that
/// come after that, and rows without a time, leave by kLateOutput as they came.
class Window final : public Operator {
 public:
  explicit Window(WindowPlan plan) : plan_(std::move(plan)) {}

  std::span<const state::StateTableSpec> tables() const override { return plan_.tables; }
  void attach(state::Tables& tables) override {
    table_ = &tables.keyed(0);
    clock_.attach(tables, 1);
  }

  Result<Step> process(InputIndex, const Batch& arrived, Collector& out) override {
    const Batch batch = arrived.without_raw();
    WEIR_ASSIGN(const expression::Projected projected, plan_.projection->apply(batch));
    WEIR_TRY(reject_failed_rows(plan_.name, batch, projected.failures, out));
    assign_windows(projected.batch);
    if (!rows_.empty()) WEIR_TRY(add(projected.batch));
    late_count_ += static_cast<int64_t>(late_.size());
    if (!late_.empty()) {
      // The projection may have made its rows dense: then they count from the first selected one.
      if (projected.batch.physical_rows() != batch.physical_rows()) {
        for (int32_t& row : late_) row = batch.selection()[static_cast<size_t>(row)];
      }
      WEIR_TRY(out.emit(kLateOutput, batch.with_selection(std::exchange(late_, {}))));
    }
    return Step::done;
  }

  Result<Step> on_watermark(EventTime watermark, Collector& out) override {
    clock_.advance(watermark);
    return emit_more(out);
  }

  Result<Step> emit_more(Collector& out) override {
    // The windows that are due are the cursor: a barrier between two pieces stores those that are left.
    const std::span<const state::Entry> due = table_->due(clock_.now(), kRowsAtOnce);
    if (due.empty()) return Step::done;
    WEIR_ASSIGN(const Batch rows, finish(due));
    table_->drop_due();
    WEIR_TRY(out.emit(rows));
    return Step::more;
  }

  Counters take_counters() override {
    if (late_count_ == 0) return {};
    return {{{.kind = CounterKind::late, .name = plan_.name}, std::exchange(late_count_, 0)}};
  }

  const SchemaPtr& output_schema(OutputIndex output) const override {
    return output == kLateOutput ? plan_.late : plan_.output;
  }

 private:
  /// Sets rows_ (physical), selected_ (of the selected ones) and windows_ to the rows that are in time, late_ to the
  /// others.
  void assign_windows(const Batch& batch) {
    rows_.clear();
    selected_.clear();
    windows_.clear();
    late_.clear();
    const Column& times = batch.column(0);
    const std::span<const int64_t> values = times.values_as<int64_t>();
    each_selected(batch, [&](uint32_t i, int32_t row) {
      const int64_t time = values[static_cast<size_t>(row)];
      if (times.is_null(row) || time < kInstantMin || time >= kInstantEnd) return late_.push_back(row);
      const int64_t begin = floor_divide(time, plan_.size_us) * plan_.size_us;
      if (closes_at(begin) <= clock_.now()) return late_.push_back(row);
      rows_.push_back(row);
      selected_.push_back(i);
      windows_.push_back(begin);
    });
  }

  /// The watermark at which a window is emitted: nothing at or before it is expected any more.
  int64_t closes_at(int64_t window_begin) const { return window_begin + plan_.size_us + plan_.lateness_us; }

  Result<void> add(const Batch& batch) {
    WEIR_TRY(plan_.keys.encode(batch, keys_));
    const bool all = selected_.size() == keys_.size();
    WEIR_TRY(table_->find_or_insert(keys_, {.rows = selected_, .all = all, .windows = windows_}, entries_));
    for (size_t i = 0; i < entries_.size(); ++i) {
      if (entries_[i].inserted) table_->set_expiry(entries_[i], closes_at(windows_[i]));
    }
    const auto column = [&](int index) {
      return index == kNoColumn ? nullptr : &batch.column(static_cast<size_t>(index));
    };
    for (const PlacedAggregate& placed : plan_.aggregates) {
      placed.aggregate->add(column(placed.argument), column(placed.condition), rows_, entries_, placed.offset);
    }
    return {};
  }

  /// The rows of windows that are over: keys, window_start, window_end, aggregates.
  Result<Batch> finish(std::span<const state::Entry> entries) {
    std::vector<std::unique_ptr<ColumnBuilder>> builders;
    for (const Field& field : plan_.output->fields()) builders.push_back(make_column_builder(field.type));
    const size_t keys = plan_.key_count;
    BooleanBuilder constant(Type::primitive(TypeKind::boolean));
    std::vector<ColumnBuilder*> key_builders;
    for (size_t i = 0; i < keys; ++i) key_builders.push_back(builders[i].get());
    if (keys == 0) key_builders.push_back(&constant);
    auto& start = static_cast<FixedBuilder<int64_t>&>(*builders[keys]);
    auto& end = static_cast<FixedBuilder<int64_t>&>(*builders[keys + 1]);
    for (const state::Entry& entry : entries) {
      WEIR_TRY(plan_.keys.decode(table_->key(entry), key_builders));
      start.append(table_->window(entry));
      end.append(table_->window(entry) + plan_.size_us);
      for (size_t i = 0; i < plan_.aggregates.size(); ++i) {
        const PlacedAggregate& placed = plan_.aggregates[i];
        WEIR_TRY(placed.aggregate->finish(entry.value + placed.offset, *builders[keys + 2 + i]));
      }
    }
    std::vector<ColumnPtr> columns;
    columns.reserve(builders.size());
    for (auto& builder : builders) columns.push_back(builder->finish());
    return Batch(plan_.output, columns, static_cast<int64_t>(entries.size()), nullptr).with_event_time(columns[keys]);
  }

  WindowPlan plan_;
  state::KeyedTable* table_ = nullptr;
  EventClock clock_;
  int64_t late_count_ = 0;

  // Of the batch at hand; kept for their room.
  state::KeyBatch keys_;
  std::vector<state::Entry> entries_;
  std::vector<int32_t> rows_;
  std::vector<uint32_t> selected_;
  std::vector<int64_t> windows_;
  std::vector<int32_t> late_;
};

Error bad_window(const std::string& why) {
  return Error(ErrorKind::invalid_argument, why);
}

/// Builds a WindowPlan piece by piece.
class WindowPlanner {
 public:
  WindowPlanner(const WindowSpec& spec, const SchemaPtr& input, expression::TextPlace* place)
      : spec_(spec), input_(input), place_(place) {}

  Result<WindowPlan> plan() {
    if (spec_.size_us <= 0 || spec_.size_us > kInstantEnd) return bad_window("the size of a window is above 0");
    if (spec_.lateness_us < 0 || spec_.lateness_us > kInstantEnd) return bad_window("lateness must not be negative");
    if (spec_.aggregates.empty()) return bad_window("a window has at least one aggregate");
    WEIR_TRY(time_column(*input_, spec_.time));
    items_.push_back({.sql = quoted(spec_.time), .name = "time"});
    for (size_t i = 0; i < spec_.by.size(); ++i) {
      WEIR_TRY(column_index(*input_, spec_.by[i]));
      items_.push_back({.sql = quoted(spec_.by[i]), .name = "key" + std::to_string(i)});
    }
    if (spec_.by.empty()) items_.push_back({.sql = "true", .name = "key0"});  // state::hash_without_key()
    for (size_t i = 0; i < spec_.aggregates.size(); ++i) WEIR_TRY(add_items(i));
    WEIR_TRY(bind());
    WEIR_TRY(place_aggregates());
    plan_.name = spec_.name;
    plan_.size_us = spec_.size_us;
    plan_.lateness_us = spec_.lateness_us;
    plan_.key_count = spec_.by.size();
    plan_.late = input_;
    add_tables();
    return make_output();
  }

 private:
  static std::string quoted(const std::string& name) {
    std::string text = "\"";
    for (const char c : name) text += c == '"' ? std::string("\"\"") : std::string(1, c);
    return text + "\"";
  }

  Result<void> add_items(size_t i) {
    if (place_ != nullptr) *place_ = {.item = i, .offset = 0};
    WEIR_ASSIGN(const AggregateText text, parse_aggregate(spec_.aggregates[i].text));
    texts_.push_back(text);
    PlacedAggregate& placed = plan_.aggregates.emplace_back();
    if (!text.argument.empty()) placed.argument = add_item(i, text.argument);
    if (!text.condition.empty()) placed.condition = add_item(i, "(" + text.condition + ")");
    return {};
  }

  int add_item(size_t aggregate, std::string sql) {
    const auto column = static_cast<int>(items_.size());
    items_.push_back({.sql = std::move(sql), .name = "v" + std::to_string(column)});
    aggregate_of_item_.resize(items_.size());
    aggregate_of_item_[static_cast<size_t>(column)] = aggregate;
    return column;
  }

  Result<void> bind() {
    expression::TextPlace where;
    auto projection = expression::Projection::bind(items_, input_, {.place = &where});
    if (!projection.ok()) {
      // Where in the aggregate's own text it lies, its function and parentheses come before.
      if (place_ != nullptr && where.item < aggregate_of_item_.size()) {
        *place_ = {.item = aggregate_of_item_[where.item], .offset = 0};
      }
      return std::move(projection).error();
    }
    plan_.projection = *std::move(projection);
    return {};
  }

  const TypePtr& type_of(int column) const {
    return plan_.projection->schema()->field(static_cast<size_t>(column)).type;
  }

  Result<void> place_aggregates() {
    size_t offset = 0;
    for (size_t i = 0; i < plan_.aggregates.size(); ++i) {
      PlacedAggregate& placed = plan_.aggregates[i];
      if (place_ != nullptr) *place_ = {.item = i, .offset = 0};
      WEIR_ASSIGN(placed.aggregate, make_aggregate(texts_[i].function,
                                                   placed.argument == kNoColumn ? nullptr : type_of(placed.argument)));
      if (placed.condition != kNoColumn && type_of(placed.condition)->kind() != TypeKind::boolean) {
        return bad_window("the condition of a filter is boolean, not " + type_of(placed.condition)->to_string());
      }
      placed.offset = std::exchange(offset, offset + placed.aggregate->state_bytes());
    }
    if (offset > state::StateTableSpec::kValueBytesMax) {
      return bad_window("the aggregates of a window need " + std::to_string(offset) + " bytes a group; at most " +
                        std::to_string(state::StateTableSpec::kValueBytesMax) + " are possible");
    }
    value_bytes_ = static_cast<uint32_t>(offset);
    std::vector<int> keys(std::max<size_t>(1, spec_.by.size()));
    std::iota(keys.begin(), keys.end(), 1);
    WEIR_ASSIGN(plan_.keys, state::KeyLayout::bind(*plan_.projection->schema(), keys));
    return {};
  }

  void add_tables() {
    // Other aggregates, another filter or another size are another table: what is stored means something else then.
    std::string codec = "window " + std::to_string(spec_.size_us);
    for (size_t i = 0; i < texts_.size(); ++i) {
      codec += "; " + plan_.aggregates[i].aggregate->signature() + " " + texts_[i].argument;
      if (!texts_[i].condition.empty()) codec += " where " + texts_[i].condition;
    }
    const int64_t step = std::gcd(spec_.size_us, spec_.lateness_us);
    plan_.tables.push_back({.name = "windows",
                            .codec = std::move(codec),
                            .key_layout = plan_.keys.text(),
                            .value_bytes = value_bytes_,
                            .is_windowed = true,
                            .expires = true,
                            .expiry_step_us = step});
    plan_.tables.push_back(EventClock::table());
  }

  Result<WindowPlan> make_output() {
    std::vector<Field> fields;
    for (const std::string& name : spec_.by) fields.push_back(input_->field(static_cast<size_t>(input_->find(name))));
    const TypePtr& time = type_of(0);
    fields.push_back({.name = "window_start", .required = true, .type = time});
    fields.push_back({.name = "window_end", .required = true, .type = time});
    for (size_t i = 0; i < spec_.aggregates.size(); ++i) {
      const Aggregate& aggregate = *plan_.aggregates[i].aggregate;
      fields.push_back(
          {.name = spec_.aggregates[i].name, .required = !aggregate.may_be_null(), .type = aggregate.result_type()});
    }
    for (size_t i = 0; i < fields.size(); ++i) {
      for (size_t j = 0; j < i; ++j) {
        if (fields[i].name == fields[j].name) return bad_window("two columns are called '" + fields[i].name + "'");
      }
    }
    plan_.output = std::make_shared<const Schema>(assign_ids(fields));
    return std::move(plan_);
  }

  const WindowSpec& spec_;
  const SchemaPtr& input_;
  expression::TextPlace* place_;
  WindowPlan plan_;
  std::vector<AggregateText> texts_;
  std::vector<expression::SelectItem> items_;
  std::vector<size_t> aggregate_of_item_;
  uint32_t value_bytes_ = 0;
};

}  // namespace

Result<std::unique_ptr<Operator>> make_window(const WindowSpec& spec, const SchemaPtr& input,
                                              expression::TextPlace* place) {
  WEIR_ASSIGN(WindowPlan plan, WindowPlanner(spec, input, place).plan());
  return std::unique_ptr<Operator>(std::make_unique<Window>(std::move(plan)));
}

}  // namespace weir::operators
