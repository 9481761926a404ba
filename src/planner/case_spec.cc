#include "planner/case_spec.h"

namespace weir::planner {

using config::Description;

void describe(Description& d, ExpectedReject& s) {
  d.structure("expected_reject", "An event that must be rejected. What is left out is not compared.");
  d.field("event", s.event).required().min(1).doc("Number of the event in this case, from 1.");
  d.field("class", s.error_class).doc("Its error class.").example("wrong_type");
  d.field("rule", s.rule).doc("The rule that it breaks.");
  d.field("column", s.column).doc("The column at fault.");
}

void describe(Description& d, TestCaseSpec& s) {
  d.structure("case", "Events in, rows and rejects out.");
  d.field("name", s.name).required().not_empty().doc("What the case shows.");
  d.field("source", s.source).doc("The source that the events come from; needed when there are several.");
  d.field("header", s.header).doc("CSV: the header line.");
  d.field("events", s.events)
      .required()
      .not_empty()
      .doc("Events: a mapping is written as JSON; text is taken as it is.");
  d.field("rows", s.rows).doc("Rows of the only sink, in order. Columns that are left out are not compared.");
  d.field("sinks", s.sinks).doc("Rows by sink, for pipelines with several.");
  d.at_most_one({"rows", "sinks"});
  d.field("rejects", s.rejects).doc("Events that are rejected: exactly these.");
  d.at_least_one({"rows", "sinks", "rejects"});
}

void describe(Description& d, TestFileSpec& s) {
  d.structure("tests", "Unit tests of a pipeline, run by `weir test`.");
  d.field("cases", s.cases).required().not_empty().doc("The cases.");
}

}  // namespace weir::planner
