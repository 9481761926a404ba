#include <set>

#include "expression/bind_context_internal.h"
#include "expression/duck/duck_guard_internal.h"
#include "expression/expression.h"
#include "expression/rule_set_internal.h"
#include "expression/sql/syntax_internal.h"

namespace weir::expression {

struct RuleExpressions::Impl {
  std::unique_ptr<Session> session;  // before the rules, which need it
  std::unique_ptr<RuleSet> rules;
};

RuleExpressions::RuleExpressions(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RuleExpressions::~RuleExpressions() = default;

Result<std::unique_ptr<RuleExpressions>> RuleExpressions::bind(std::span<const std::string> rules,
                                                               const SchemaPtr& input, const BindOptions& options) {
  return guard_duck([&]() -> Result<std::unique_ptr<RuleExpressions>> {
    TextPlace unused;
    WEIR_ASSIGN(const BindContext context, BindContext::from(options, unused));
    TextPlace& place = *context.place;
    std::vector<std::string> texts;
    std::set<int> columns;
    for (size_t i = 0; i < rules.size(); ++i) {
      place.item = i;
      WEIR_ASSIGN(ParsedItem item, parse_condition(*context.engine, rules[i], *input, place.offset));
      columns.insert(item.columns.begin(), item.columns.end());
      texts.push_back(std::move(item.sql));
    }
    auto impl = std::make_unique<Impl>();
    WEIR_ASSIGN(impl->session, Session::open(context.engine, *input, {columns.begin(), columns.end()}));
    if (!texts.empty()) {
      WEIR_ASSIGN(impl->rules, RuleSet::bind(*impl->session, std::move(texts), &place));
    }
    return std::unique_ptr<RuleExpressions>(new RuleExpressions(std::move(impl)));
  });
}

Result<std::vector<Selected>> RuleExpressions::evaluate(const Batch& batch) {
  return guard_duck([&]() -> Result<std::vector<Selected>> {
    if (!impl_->rules) return std::vector<Selected>();
    return impl_->rules->evaluate(batch);
  });
}

}  // namespace weir::expression
