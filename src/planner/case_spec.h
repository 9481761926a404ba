/// \file
/// Files of pipeline tests as structs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/binding.h"

namespace weir::planner {

struct ExpectedReject {
  int64_t event = 0;  ///< number of the event in the case, from 1
  std::string error_class;
  std::string rule;
  std::string column;
};

struct TestCaseSpec {
  config::Located<std::string> name;
  std::optional<config::Located<std::string>> source;
  std::string header;
  std::vector<config::Node> events;
  std::optional<std::vector<config::Node>> rows;
  config::NamedList<std::vector<config::Node>> sinks;
  std::vector<config::Located<ExpectedReject>> rejects;
};

struct TestFileSpec {
  std::vector<TestCaseSpec> cases;
};

void describe(config::Description& d, TestFileSpec& s);

}  // namespace weir::planner
