/// \file
/// From what is known of a sample to a contract file that accepts it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "inference/observer.h"

namespace weir::inference {

/// A column as it will stand in the contract.
struct ProposedColumn {
  std::string name;  ///< of the table's column
  std::string from;  ///< of the field in the event
  std::string type;  ///< "long"; "struct" and "list" have more below
  std::string comment;
  bool quote_from = false;                  ///< the names differ, so the file says both
  std::vector<ProposedColumn> fields;       ///< struct
  std::unique_ptr<ProposedColumn> element;  ///< list
};

struct Proposal {
  std::vector<ProposedColumn> columns;
};

/// The narrowest types that hold everything that was seen.
Proposal propose(const Observation& seen, SampleFormat format);

/// Gives the column at `path` (dotted, as rejects name it) a type that accepts more: of decimal and whole numbers
/// double, of CSV string, of JSON json. False when there is nothing left to loosen.
bool loosen(Proposal& proposal, std::string_view path, SampleFormat format);

/// The contract file. `made_from` stands in its first comment.
std::string contract_yaml(const Proposal& proposal, const std::string& name, const std::string& made_from);

}  // namespace weir::inference
