/// \file
/// Plans over files in memory.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/kinds.h"
#include "config/tests/memory_files.h"
#include "planner/plan.h"

namespace weir::planner {

using Texts = std::vector<std::string>;

inline const std::string kContract =
    "contract: flight\n"
    "version: 1.2.0\n"
    "columns:\n"
    "  - {name: id, type: long, required: true}\n"
    "  - {name: origin, type: string, length: {max: 3}}\n"
    "  - {name: delay, type: int}\n"
    "  - {name: seen, type: timestamptz}\n";

inline const std::string kPipeline =
    "pipeline: flights\n"
    "source: {files: data, contract: flight.yaml}\n"
    "sink: {iceberg: ops.flights}\n";

/// A pipeline file "/home/pipeline.yaml", given to the planner as "pipeline.yaml", and what it refers to.
class PlanTest : public testing::Test {
 protected:
  PlanTest() {
    files_["/home/flight.yaml"] = kContract;
    files_["/home/data"] = "";
  }

  PlanEnvironment environment() {
    memory_.emplace(files_);
    config::References references = config::References::none();
    references.environment = [this](const std::string& name) -> std::optional<std::string> {
      const auto found = variables_.find(name);
      return found == variables_.end() ? std::nullopt : std::optional(found->second);
    };
    references.files = &*memory_;
    return {.kinds = &kinds_, .files = &*memory_, .references = std::move(references), .working_directory = "/home"};
  }

  std::optional<Plan> plan(const std::string& pipeline, const std::string& path = "pipeline.yaml") {
    files_[absolute_path("/home", path)] = pipeline;
    diagnostics_ = {};
    return make_plan(path, environment(), diagnostics_);
  }

  /// A plan that must be there.
  Plan good_plan(const std::string& pipeline) {
    auto made = plan(pipeline);
    EXPECT_TRUE(made.has_value()) << diagnostics_.render();
    return made ? *std::move(made) : Plan();
  }

  /// "file:line:column: path: message" of every error of a plan that must not be made.
  Texts errors(const std::string& pipeline, const std::string& path = "pipeline.yaml") {
    EXPECT_FALSE(plan(pipeline, path).has_value());
    return messages();
  }
  Texts messages() const {
    Texts texts;
    for (const config::Diagnostic& one : diagnostics_.sorted()) {
      texts.push_back(one.file + ":" + std::to_string(one.line) + ":" + std::to_string(one.column) + ": " +
                      (one.path.empty() ? "" : one.path + ": ") + one.message);
    }
    return texts;
  }

  Kinds kinds_ = app::all_kinds();
  std::map<std::string, std::string> files_;
  std::map<std::string, std::string> variables_;
  std::optional<config::test::MemoryFiles> memory_;
  config::Diagnostics diagnostics_;
};

}  // namespace weir::planner
