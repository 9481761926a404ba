/// \file
/// The factories of all operators. Each checks its arguments against the input schema and fails with what is wrong; the
/// operators themselves are only known by the port.
///
/// Where a factory takes SQL, `place` (may be null) tells where in the text an error lies.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "codec/format.h"
#include "contract/contract.h"
#include "dataflow/operator.h"
#include "dataflow/rejects.h"
#include "expression/expression.h"

namespace weir::operators {

class ColumnWatch;

struct DecodeSpec {
  codec::Format format = codec::json_format();
  codec::DecodeLimits limits = {};
  std::function<void(std::string_view note)> say = {};  ///< takes the decoder's notes for people; may be empty
  std::shared_ptr<ColumnWatch> watch = nullptr;         ///< of the contract's columns; may be null
};

/// Raw events to the columns of the contract; what cannot be decoded is rejected. Counts "unknown.FIELD".
Result<std::unique_ptr<Operator>> make_decode(const DecodeSpec& spec, const contract::Contract& contract);

/// Checks that a decoder of `spec` can begin with `events`, of one file: that its header fits. Errors: corrupt.
Result<void> check_first_events(const DecodeSpec& spec, const contract::Contract& contract, const RawBatch& events);

/// Applies the rules of the contract: rows that break a `reject` rule go to the dead letter, `drop` leaves them out,
/// `warn` counts, `fail` stops the pipeline (kind corrupt). `place`->item counts the contract's SQL rules. Counts
/// "rule.NAME.broken" and "rows.dropped".
Result<std::unique_ptr<Operator>> make_validate(const contract::Contract& contract,
                                                expression::TextPlace* place = nullptr);

/// Keeps the rows for which `sql` is true; null counts as false. Counts "filter.NAME.removed". A row for which the
/// condition cannot be evaluated is rejected.
Result<std::unique_ptr<Operator>> make_filter(const std::string& name, const std::string& sql, const SchemaPtr& input,
                                              expression::TextPlace* place = nullptr);

/// Computes columns: each item is a column, `expression as name`, `*` or `* exclude (a, b)`.
Result<std::unique_ptr<Operator>> make_select(const std::string& name, const std::vector<std::string>& items,
                                              const SchemaPtr& input, expression::TextPlace* place = nullptr);

/// The columns of a dead-letter table (docs/formats/dead-letter.md), ids assigned.
SchemaPtr dead_letter_schema();

/// Rejects, in the columns of reject_schema(), to rows of the dead letter. The raw bytes are copied. `contracts` names
/// the contract of each source, as "name version"; `nodes` says what each input comes from, where that is known.
std::unique_ptr<Operator> make_dead_letter(std::string pipeline, std::map<std::string, std::string> contracts,
                                           std::vector<RejectingNode> nodes = {});

}  // namespace weir::operators
