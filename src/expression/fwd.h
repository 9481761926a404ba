/// \file
/// Names of the expression module for headers that need no more than the name.
#pragma once

namespace weir::expression {
class BooleanExpression;
class Engine;
class Projection;
class QuerySession;
class RuleExpressions;
struct RowFailure;
struct TextPlace;
}  // namespace weir::expression
