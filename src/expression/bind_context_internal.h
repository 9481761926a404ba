/// \file
/// What every bind begins with.
#pragma once

#include <memory>

#include "expression/expression.h"

namespace weir::expression {

/// The engine to bind to, and where to say which part of the text is wrong.
struct BindContext {
  std::shared_ptr<Engine> engine;
  TextPlace* place;  ///< never null

  /// Takes what `options` names; `unused` stands in for a place that nobody wants to know, and must outlive this.
  /// Errors: as Engine::shared().
  static Result<BindContext> from(const BindOptions& options, TextPlace& unused) {
    BindContext context{.engine = options.engine, .place = options.place != nullptr ? options.place : &unused};
    *context.place = {};
    if (!context.engine) {
      WEIR_ASSIGN(context.engine, Engine::shared());
    }
    return context;
  }
};

}  // namespace weir::expression
