#include "storage/object_remover.h"
#include "storage/object_store.h"

namespace weir {
namespace {

class LocalRemover final : public ObjectRemover {
 public:
  explicit LocalRemover(FileEnv& files) : files_(files) {}

  Result<void> remove(const std::string& uri) override {
    WEIR_ASSIGN(const std::string path, file_path(uri));
    Result<void> removed = files_.remove(path);
    if (!removed.ok() && removed.error().kind() == ErrorKind::not_found) return {};
    return removed;
  }

 private:
  FileEnv& files_;
};

}  // namespace

std::unique_ptr<ObjectRemover> make_local_remover(FileEnv& files) {
  return std::make_unique<LocalRemover>(files);
}

}  // namespace weir
