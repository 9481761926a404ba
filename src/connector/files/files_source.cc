#include "connector/files/files_source.h"

#include "connector/files/files_reader_internal.h"
#include "connector/files/growing_files_reader_internal.h"
#include "connector/files/splitter_internal.h"

namespace weir::connector {
namespace {

class FilesSourceFactory final : public SourceFactory {
 public:
  FilesSourceFactory(FilesSpec spec, FileEnv& files, const Clock& clock)
      : spec_(std::move(spec)), files_(files), clock_(clock) {}
  Result<std::unique_ptr<SourceSplitter>> make_splitter(int readers) override {
    return std::unique_ptr<SourceSplitter>(std::make_unique<FilesSplitter>(spec_, files_, clock_, readers, rotations_));
  }
  Result<std::unique_ptr<SourceReader>> make_reader(std::function<void()>) override {
    if (spec_.append)
      return std::unique_ptr<SourceReader>(std::make_unique<GrowingFilesReader>(spec_, files_, clock_, rotations_));
    return std::unique_ptr<SourceReader>(std::make_unique<FilesReader>(spec_, files_, clock_));
  }

 private:
  const FilesSpec spec_;
  FileEnv& files_;
  const Clock& clock_;
  RotationLog rotations_;
};

}  // namespace

std::unique_ptr<SourceFactory> make_files_source(FilesSpec spec, FileEnv& files, const Clock& clock) {
  return std::make_unique<FilesSourceFactory>(std::move(spec), files, clock);
}

}  // namespace weir::connector
