/// \file
/// One Parquet file of ad events, zstd level 1, with statistics; each column in the encoding that suits it best.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "ad_columns.h"

namespace fused_loop {

/// One thread. Throws what the Parquet library throws.
class AdFile {
 public:
  explicit AdFile(const std::string& path);
  ~AdFile();
  AdFile(const AdFile&) = delete;
  AdFile& operator=(const AdFile&) = delete;

  void add(const AdColumns& columns);
  void finish();

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace fused_loop
