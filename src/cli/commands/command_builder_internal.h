/// \file
/// Defines commands once, for the parser and for whoever shows them.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <CLI/CLI.hpp>

#include "base/suggest.h"
#include "cli/commands/command_line.h"

namespace weir::cli {

/// Says more about a parameter just added; valid until the next one of its command.
class ParameterRef {
 public:
  ParameterRef(CLI::Option& option, ParameterHelp& help) : option_(&option), help_(&help) {}

  ParameterRef& required() {
    option_->required();
    help_->is_required = true;
    return *this;
  }
  ParameterRef& choices(std::vector<std::string> values) {
    help_->choices = values;
    option_->check([values = std::move(values)](const std::string& value) {
      if (std::find(values.begin(), values.end(), value) != values.end()) return std::string();
      std::string names;
      for (const std::string& name : values) names += (names.empty() ? "" : ", ") + name;
      return "'" + value + "' is not one of " + names + did_you_mean(value, values);
    });
    return *this;
  }
  /// The value as people would write it; the member has it already.
  ParameterRef& default_text(std::string text) {
    help_->default_text = std::move(text);
    return *this;
  }
  ParameterRef& environment(std::string variable) {
    option_->envname(variable);
    help_->environment = std::move(variable);
    return *this;
  }
  ParameterRef& completes(Completes what) {
    help_->completes = what;
    return *this;
  }
  CLI::Option& option() { return *option_; }

 private:
  CLI::Option* option_;
  ParameterHelp* help_;
};

/// One command. `app` and `help` outlive this.
class CommandBuilder {
 public:
  CommandBuilder(CLI::App& app, CommandHelp& help) : app_(app), help_(help) {}

  /// A positional argument.
  template <typename T>
  ParameterRef argument(const std::string& name, T& member, const std::string& doc) {
    return add({.name = name, .doc = doc}, app_.add_option(name, member), is_list<T>);
  }
  /// An option with a value, which help calls `value`. `name`: "--limit".
  template <typename T>
  ParameterRef option(const std::string& name, T& member, const std::string& value, const std::string& doc) {
    return add({.name = name, .value = value, .doc = doc}, app_.add_option(name, member), is_list<T>);
  }
  /// `names`: "--once", or "-q,--quiet".
  ParameterRef flag(const std::string& names, bool& member, std::string doc) {
    const size_t comma = names.find(',');
    ParameterHelp help{.name = comma == std::string::npos ? names : names.substr(comma + 1), .doc = std::move(doc)};
    if (comma != std::string::npos) help.short_name = names.substr(0, comma);
    return add(std::move(help), app_.add_flag(names, member), false);
  }
  CommandBuilder& example(std::string command, std::string doc = {}) {
    help_.examples.push_back({.command = std::move(command), .doc = std::move(doc)});
    return *this;
  }
  CommandBuilder& paragraph(std::string text) {
    help_.paragraphs.push_back(std::move(text));
    return *this;
  }

 private:
  template <typename T>
  static constexpr bool is_list = std::is_same_v<T, std::vector<std::string>>;

  ParameterRef add(ParameterHelp help, CLI::Option* option, bool is_repeated) {
    help.is_repeated = is_repeated;
    help_.parameters.push_back(std::move(help));
    return {*option, help_.parameters.back()};
  }

  CLI::App& app_;
  CommandHelp& help_;
};

}  // namespace weir::cli
