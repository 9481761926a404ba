#include "expression/tests/random_expression.h"

namespace weir::expression {

std::vector<std::pair<std::string, TypePtr>> RandomExpression::columns() {
  const auto of = [](TypeKind kind) { return Type::primitive(kind); };
  return {{"b", of(TypeKind::boolean)},
          {"i", of(TypeKind::int32)},
          {"l", of(TypeKind::int64)},
          {"f", of(TypeKind::float32)},
          {"d", of(TypeKind::float64)},
          {"m", Type::decimal(9, 2)},
          {"M", Type::decimal(30, 5)},
          {"s", of(TypeKind::string)},
          {"t t", of(TypeKind::string)},
          {"day", of(TypeKind::date)},
          {"ts", of(TypeKind::timestamp)},
          {"tz", of(TypeKind::timestamptz)},
          {"clock", of(TypeKind::time)},
          {"id", of(TypeKind::uuid)},
          {"bytes", of(TypeKind::binary)},
          {"point", Type::structure({Field{.name = "x", .type = of(TypeKind::int64)},
                                     Field{.name = "label", .type = of(TypeKind::string)}})},
          {"numbers", Type::list(Field{.name = "element", .type = of(TypeKind::int64)})},
          {"words", Type::list(Field{.name = "element", .type = of(TypeKind::string)})},
          {"counts", Type::map(Field{.name = "key", .type = of(TypeKind::string)},
                               Field{.name = "value", .type = of(TypeKind::int64)})}};
}

std::string RandomExpression::boolean(int depth) {
  static const std::vector<std::string> kCompare = {"=", "<>", "<", "<=", ">", ">="};
  if (depth <= 0) return pick({"b", "true", "false", "b is null", "l is not null", "s is null"});
  const int below = depth - 1;
  switch (draw(19)) {
    case 0: return "(" + boolean(below) + " and " + boolean(below) + ")";
    case 1: return "(" + boolean(below) + " or " + boolean(below) + ")";
    case 2: return "(not " + boolean(below) + ")";
    case 3: return "(" + integer(below) + " " + pick(kCompare) + " " + integer(below) + ")";
    case 4: return "(" + number(below) + " " + pick(kCompare) + " " + number(below) + ")";
    case 5: return "(" + decimal(below) + " " + pick(kCompare) + " " + decimal(below) + ")";
    case 6: return "(" + text(below) + " " + pick(kCompare) + " " + text(below) + ")";
    case 7: return "(" + date(below) + " " + pick(kCompare) + " " + date(below) + ")";
    case 8: return "(" + instant(below) + " " + pick(kCompare) + " " + instant(below) + ")";
    case 9:
      return "(" + text(below) + pick({" like ", " not like ", " ilike "}) +
             pick({"'%a%'", "'a%'", "'_b_'", "'%'", "''"}) + ")";
    case 10: return "(" + any(below) + pick({" is null", " is not null"}) + ")";
    case 11:
      return "(" + integer(below) + pick({" in ", " not in "}) + "(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, " +
             integer(below) + "))";
    case 12:
      return "(" + text(below) + " in ('a', 'b', 'exactly12byt', 'thirteen byte', " + pick({"null", "'abc'"}) + "))";
    case 13: return "(" + integer(below) + " between " + integer(below) + " and " + integer(below) + ")";
    case 14: return "(case when " + boolean(below) + " then " + boolean(below) + " else " + boolean(below) + " end)";
    case 15: return "coalesce(" + boolean(below) + ", " + boolean(below) + ")";
    case 16: return "list_contains(" + list(below) + ", " + integer(below) + ")";
    case 17: return "regexp_matches(" + text(below) + ", " + pick({"'^[a-z]+$'", "'[0-9]'", "'a.*b'"}) + ")";
    default: return "(" + integer(below) + " is distinct from " + integer(below) + ")";
  }
}

std::string RandomExpression::integer(int depth) {
  if (depth <= 0)
    return pick({"i", "l", "l", "i", "point.x", "0", "1", "-3", "7", "numbers[1]", "cast(null as bigint)"});
  const int below = depth - 1;
  switch (draw(13)) {
    case 0: return "(" + integer(below) + " % 100 + " + integer(below) + " % 100)";
    case 1: return "(" + integer(below) + " % 1000 * " + pick({"2", "-1", "0", "i % 10"}) + ")";
    case 2: return "(" + integer(below) + " // " + integer(below) + ")";
    case 3: return "(" + integer(below) + " % " + integer(below) + ")";
    case 4: return "length(" + text(below) + ")";
    case 5: return "(case when " + boolean(below) + " then " + integer(below) + " else " + integer(below) + " end)";
    case 6: return "coalesce(" + integer(below) + ", " + integer(below) + ")";
    case 7: return "len(" + list(below) + ")";
    case 8: return "year(" + date(below) + ")";
    case 9: return "try_cast(" + text(below) + " as bigint)";
    case 10: return "greatest(" + integer(below) + ", " + integer(below) + ")";
    case 11: return "list_sum(list_transform(" + list(below) + ", lambda e: e % 10 + " + integer(0) + " % 7))";
    default: return "nullif(" + integer(below) + ", " + integer(below) + ")";
  }
}

std::string RandomExpression::number(int depth) {
  if (depth <= 0) return pick({"d", "f", "d", "1.5::double", "0.25::double"});
  const int below = depth - 1;
  switch (draw(5)) {
    case 0: return "(" + number(below) + pick({" + ", " - ", " * "}) + number(below) + ")";
    case 1: return "abs(" + number(below) + ")";
    case 2: return "floor(" + number(below) + ")";
    case 3: return "cast(" + integer(below) + " as double)";
    default: return "(case when " + boolean(below) + " then " + number(below) + " end)";
  }
}

std::string RandomExpression::decimal(int depth) {
  if (depth <= 0) return pick({"m", "m", "1.25", "cast(0 as decimal(9,2))"});
  const int below = depth - 1;
  switch (draw(4)) {
    case 0: return "(" + decimal(below) + pick({" + ", " - "}) + decimal(0) + ")";
    case 1: return "coalesce(" + decimal(below) + ", " + decimal(below) + ")";
    case 2: return "(case when " + boolean(below) + " then " + decimal(below) + " else " + decimal(below) + " end)";
    default: return "(-" + decimal(below) + ")";
  }
}

std::string RandomExpression::text(int depth) {
  if (depth <= 0)
    return pick({"s", "\"t t\"", "point.label", "words[1]", "'abc'", "'a literal longer than twelve'", "''", "s"});
  const int below = depth - 1;
  switch (draw(13)) {
    case 0: return "(" + text(below) + " || " + text(below) + ")";
    case 1: return pick({"upper(", "lower(", "trim(", "reverse("}) + text(below) + ")";
    case 2: return "substring(" + text(below) + ", " + pick({"1", "2", "-3"}) + ", " + pick({"1", "3", "20"}) + ")";
    case 3: return "replace(" + text(below) + ", 'a', '<replaced by more>')";
    case 4: return "cast(" + integer(below) + " as varchar)";
    case 5: return "coalesce(" + text(below) + ", " + text(below) + ")";
    case 6: return "(case when " + boolean(below) + " then " + text(below) + " else " + text(below) + " end)";
    case 7: return "cast(" + date(below) + " as varchar)";
    case 8: return "cast(" + pick({"id", "m", "tz", "clock", "bytes", "counts", "point", "numbers"}) + " as varchar)";
    case 9: return "lpad(" + text(below) + ", 14, '*')";
    case 10: return "list_aggregate(words, 'string_agg', '-')";
    case 11: return "split_part(" + text(below) + ", ' ', 1)";
    default: return "strftime(ts, '%Y-%m')";
  }
}

std::string RandomExpression::date(int depth) {
  if (depth <= 0) return pick({"day", "day", "date '2001-02-03'", "cast(null as date)"});
  const int below = depth - 1;
  switch (draw(4)) {
    case 0: return "(" + date(below) + " + cast(" + integer(0) + " % 1000 as int))";
    case 1: return "cast(" + instant(below) + " as date)";
    case 2: return "try_cast(" + text(below) + " as date)";
    default: return "last_day(" + date(below) + ")";
  }
}

std::string RandomExpression::instant(int depth) {
  if (depth <= 0) return pick({"ts", "ts", "timestamp '2001-02-03 04:05:06.789'"});
  const int below = depth - 1;
  switch (draw(4)) {
    case 0: return "date_trunc(" + pick({"'hour'", "'month'", "'week'"}) + ", " + instant(below) + ")";
    case 1: return "(" + instant(below) + " + interval 90 minute)";
    case 2: return "cast(" + date(below) + " as timestamp)";
    default: return "coalesce(" + instant(below) + ", " + instant(below) + ")";
  }
}

std::string RandomExpression::list(int depth) {
  if (depth <= 0) return pick({"numbers", "numbers", "[1, 2, null, 4]", "map_values(counts)"});
  const int below = depth - 1;
  switch (draw(6)) {
    case 0: return "list_filter(" + list(below) + ", lambda e: e > " + integer(0) + ")";
    case 1: return "list_transform(" + list(below) + ", lambda e: (e % 100) * 2)";
    case 2: return "[cast(" + integer(below) + " as bigint), " + integer(below) + "]";
    case 3: return "list_concat(" + list(below) + ", " + list(below) + ")";
    case 4: return "list_sort(" + list(below) + ")";
    default: return "(case when " + boolean(below) + " then " + list(below) + " end)";
  }
}

std::string RandomExpression::any(int depth) {
  switch (draw(8)) {
    case 0: return boolean(depth);
    case 1: return integer(depth);
    case 2: return number(depth);
    case 3: return decimal(depth);
    case 4: return text(depth);
    case 5: return date(depth);
    case 6: return instant(depth);
    default: return list(depth);
  }
}

}  // namespace weir::expression
